// SPDX-License-Identifier: Apache-2.0
#include "engine/service_logs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace netyard {
namespace {

constexpr int kTick = 200;  // milliseconds between questions to `interrupted`

/// A log file that grows, and is sometimes replaced by an empty one.
class Tail {
 public:
  explicit Tail(std::string path) : path_(std::move(path)) { open(SEEK_END); }

  // False when `take` did.
  bool read(const std::function<bool(const LogLine&)>& take) {
    if (!file_) open(SEEK_SET);
    while (file_) {
      if (!read_to_end(take)) return false;
      if (!was_replaced()) return true;
      open(SEEK_SET);
    }
    return true;
  }

 private:
  void open(int from) {
    file_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    if (file_) lseek(file_.get(), 0, from);
  }

  bool read_to_end(const std::function<bool(const LogLine&)>& take) {
    char chunk[16384];
    for (ssize_t got = 0; (got = ::read(file_.get(), chunk, sizeof chunk)) > 0;) {
      partial_.append(chunk, static_cast<std::size_t>(got));
      std::size_t end = 0;
      while ((end = partial_.find('\n')) != std::string::npos) {
        LogLine line;
        const bool whole = parse_log_line(std::string_view(partial_).substr(0, end), line);
        partial_.erase(0, end + 1);
        if (whole && !take(line)) return false;
      }
    }
    return true;
  }

  bool was_replaced() const {
    struct stat ours {};
    struct stat there {};
    return stat(path_.c_str(), &there) == 0 && fstat(file_.get(), &ours) == 0 &&
           ours.st_ino != there.st_ino;
  }

  std::string path_;
  FileDescriptor file_;
  std::string partial_;
};

}  // namespace

std::vector<OwnedLine> last_log_lines(const std::string& lab, const std::vector<std::string>& words,
                                      std::size_t tail) {
  const ServiceFiles files = service_files(lab);
  std::vector<OwnedLine> out;
  for (const auto& service : select_services(lab, words)) {
    for (auto& line : read_log(files.log(service), tail)) {
      out.emplace_back(service.id(), std::move(line));
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const OwnedLine& a, const OwnedLine& b) {
    return a.second.time_us < b.second.time_us;
  });
  return out;
}

void follow_logs(const std::string& lab, const std::vector<std::string>& words,
                 const std::function<bool(const std::string&, const LogLine&)>& take,
                 const std::function<bool()>& interrupted) {
  const ServiceFiles files = service_files(lab);
  const FileDescriptor changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!changes || inotify_add_watch(changes.get(), files.directory.c_str(),
                                    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF) < 0) {
    throw system_error("watch", files.directory);
  }
  std::vector<std::pair<std::string, Tail>> tails;
  for (const auto& service : select_services(lab, words)) {
    tails.emplace_back(service.id(), Tail(files.log(service)));
  }
  while (!interrupted()) {
    pollfd ready = {changes.get(), POLLIN, 0};
    if (poll(&ready, 1, kTick) < 0 && errno != EINTR) throw system_error("wait for", "logs");
    char events[16384];
    while (::read(changes.get(), events, sizeof events) > 0) {
    }
    for (auto& [id, tail] : tails) {
      const std::string& whose = id;
      if (!tail.read([&](const LogLine& line) { return take(whose, line); })) return;
    }
    if (!has_services(lab)) return;
  }
}

}  // namespace netyard
