// SPDX-License-Identifier: Apache-2.0
#include "engine/service_logs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>

namespace netyard {
namespace {

constexpr int kTickOfLogs = 200;  // milliseconds between questions to `interrupted`

void sort_by_time(std::vector<OwnedLine>& lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const OwnedLine& a, const OwnedLine& b) {
    return a.second.time_us < b.second.time_us;
  });
}

std::uint32_t oldest(const std::string& path) {
  return std::max(count_rotated(path), 1U) - 1;
}

/// A log from its oldest line on, whatever is rotated meanwhile.
class Tail {
 public:
  explicit Tail(std::string path) : path_(std::move(path)) { file_ = open(oldest(path_)); }

  // False when `take` did.
  bool read(const std::function<bool(const LogLine&)>& take) {
    if (!file_) file_ = open(0);
    while (file_) {
      // Before the reading: nothing is written to a file that has been rotated.
      const bool over = place() != 0U;
      if (!read_to_end(take)) return false;
      if (!over) return true;
      go_on();
    }
    return true;
  }

 private:
  FileDescriptor open(std::uint32_t number) const {
    return FileDescriptor(::open(rotated_log(path_, number).c_str(), O_RDONLY | O_CLOEXEC));
  }

  // How often the file that is being read was rotated; nothing: it is gone.
  std::optional<std::uint32_t> place() const {
    struct stat ours {};
    struct stat there {};
    if (fstat(file_.get(), &ours) < 0) return {};
    for (std::uint32_t number = 0;; ++number) {
      if (stat(rotated_log(path_, number).c_str(), &there) < 0) {
        if (number >= count_rotated(path_)) return {};
      } else if (there.st_ino == ours.st_ino) {
        return number;
      }
    }
  }

  // To the next younger file, which a rotation in between would make another.
  void go_on() {
    for (;;) {
      const auto before = place();
      FileDescriptor next = open(before ? *before - 1 : oldest(path_));
      if (before && place() != before) continue;
      file_ = std::move(next);
      return;
    }
  }

  bool read_to_end(const std::function<bool(const LogLine&)>& take) {
    char chunk[16384];
    for (ssize_t got = 0; (got = ::read(file_.get(), chunk, sizeof chunk)) > 0;) {
      partial_.append(chunk, static_cast<std::size_t>(got));
      std::size_t begin = 0;
      for (std::size_t end = 0; (end = partial_.find('\n', begin)) != std::string::npos;) {
        LogLine line;
        const bool whole =
            parse_log_line(std::string_view(partial_).substr(begin, end - begin), line);
        begin = end + 1;
        if (whole && !take(line)) return false;
      }
      partial_.erase(0, begin);
    }
    return true;
  }

  std::string path_;
  FileDescriptor file_;
  std::string partial_;
};

using Tails = std::vector<std::pair<std::string, Tail>>;

// What has been written so far, by time, and no more than `count` of each.
std::vector<OwnedLine> catch_up(Tails& tails, std::size_t count) {
  std::vector<OwnedLine> out;
  for (auto& [id, tail] : tails) {
    std::deque<LogLine> last;
    tail.read([&last, count](const LogLine& line) {
      last.push_back(line);
      if (count != 0 && last.size() > count) last.pop_front();
      return true;
    });
    for (auto& line : last) out.emplace_back(id, std::move(line));
  }
  sort_by_time(out);
  return out;
}

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
  sort_by_time(out);
  return out;
}

void follow_logs(const std::string& lab, const std::vector<std::string>& words, std::size_t count,
                 const std::function<bool(const std::string&, const LogLine&)>& take,
                 const std::function<bool()>& interrupted) {
  const ServiceFiles files = service_files(lab);
  const FileDescriptor changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!changes || inotify_add_watch(changes.get(), files.directory.c_str(),
                                    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF) < 0) {
    throw system_error("watch", files.directory);
  }
  Tails tails;
  for (const auto& service : select_services(lab, words)) {
    tails.emplace_back(service.id(), Tail(files.log(service)));
  }
  for (const auto& [id, line] : catch_up(tails, count)) {
    if (!take(id, line)) return;
  }
  while (!interrupted()) {
    pollfd ready = {changes.get(), POLLIN, 0};
    if (poll(&ready, 1, kTickOfLogs) < 0 && errno != EINTR) throw system_error("wait for", "logs");
    char events[16384];
    while (::read(changes.get(), events, sizeof events) > 0) {
    }
    // Before the reading, which is the last one then.
    const bool down = !has_services(lab);
    for (auto& [id, tail] : tails) {
      const std::string& whose = id;
      if (!tail.read([&](const LogLine& line) { return take(whose, line); })) return;
    }
    if (down) return;
  }
}

}  // namespace netyard
