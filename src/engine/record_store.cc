// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/directory.h"
#include "base/error.h"
#include "base/log.h"
#include "engine/record.h"
#include "engine/sources.h"

namespace netyard {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBetweenTries = 10;  // milliseconds
constexpr int kTries = 3;
// A command that was killed may have a child that holds its lock, too, for the moment until exec.
constexpr auto kLeast = std::chrono::seconds(1);

std::chrono::milliseconds patience_with_labs = kLeast;

constexpr std::size_t kLargestRecord = std::size_t{256} << 20;

void make_run_directory() {
  if (mkdir(kRunDirectory, 0755) < 0 && errno != EEXIST) {
    Error error = system_error("create directory", kRunDirectory);
    if (errno == EACCES) error.hint("netyard needs root to keep records there");
    throw error;
  }
}

// A lock file may be unlinked between our open and our flock: then the lock is on a dead file.
bool still_linked(const FileDescriptor& file, const std::string& path) {
  struct stat ours {};
  struct stat there {};
  return fstat(file.get(), &ours) == 0 && stat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

// Who works on it now: the command that holds the lock wrote its pid there.
std::string busy(const std::string& path) {
  std::string holder;
  try {
    holder = read_file(path, 32);
  } catch (const Error&) {  // gone again
  }
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return "another netyard command works on this lab" +
         (holder.empty() ? "" : " (process " + holder + ")");
}

void await(const FileDescriptor& file, const std::string& path, const std::string& lab,
           Clock::time_point start) {
  // Without a lock nobody may remove the file: short of memory, it is worth more than one try.
  int tries = 0;
  while (flock(file.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK && ++tries < kTries) continue;
    if (errno != EWOULDBLOCK) throw system_error("lock lab", lab);
    if (Clock::now() - start >= patience_with_labs) {
      throw Error(EBUSY, "lock lab", lab)
          .reason(busy(path))
          .hint("--wait waits until it is through, --wait=10s so long at most");
    }
    if (poll(nullptr, 0, kBetweenTries) < 0 && errno == EINTR) {
      throw Error(EINTR, "lock lab", lab).reason(busy(path));
    }
  }
}

}  // namespace

void wait_for_labs(std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kForEver = std::chrono::years(100);
  patience_with_labs = std::clamp<std::chrono::milliseconds>(patience, kLeast, kForEver);
}

const char* const kRunDirectory = "/run/netyard";

std::string run_file(const std::string& lab, std::string_view ending) {
  return std::string(kRunDirectory) + "/" + lab + std::string(ending);
}

LabLock::LabLock(const std::string& lab) : lab_(lab) {
  const std::string path = run_file(lab, ".lock");
  const Clock::time_point start = Clock::now();
  do {
    make_run_directory();
    try {
      file_ = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    } catch (const Error& error) {
      if (error.code() == ENOENT) continue;  // the directory went away under us
      throw Error(error.code(), "lock lab", lab)
          .reason(path)
          .hint(error.code() == EACCES ? "netyard needs root to work on labs" : "");
    }
    await(file_, path, lab, start);
  } while (!file_ || !still_linked(file_, path));
  // For those that find it busy; a full disk is no reason to keep from working on the lab.
  const std::string holder = std::to_string(getpid()) + "\n";
  if (ftruncate(file_.get(), 0) < 0 || write(file_.get(), holder.data(), holder.size()) < 0) {
    log::debug("cannot write to " + path);
  }
}

LabLock::~LabLock() {
  if (!file_) return;
  if (!is_there(run_file(lab_, ".json"))) {
    remove_file(run_file(lab_, ".json.new"));
    remove_file(run_file(lab_, ".lock"));
    rmdir(kRunDirectory);  // refuses when anything is in it
  }
}

void save_record(const LabRecord& record) {
  make_run_directory();
  const std::string path = run_file(record.name, ".json");
  const std::string temporary = path + ".new";
  try {
    const FileDescriptor file =
        open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
    write_all(file.get(), to_text(record), temporary);
  } catch (const Error& error) {
    unlink(temporary.c_str());
    throw Error(error.code(), "write record of lab", record.name).reason(temporary);
  }
  if (rename(temporary.c_str(), path.c_str()) < 0) throw system_error("replace record", path);
}

std::optional<LabRecord> load_record(const std::string& lab) {
  const std::string path = run_file(lab, ".json");
  try {
    return from_text(read_file(path, kLargestRecord), path);
  } catch (const Error& error) {
    if (error.code() == ENOENT) return {};
    throw;
  }
}

void remove_record(const std::string& lab) {
  remove_sources(lab);
  for (const char* ending : {".json", ".json.new"}) {
    const std::string path = run_file(lab, ending);
    if (remove_file(path) < 0 && errno != ENOENT) throw system_error("remove record", path);
  }
}

std::vector<std::string> recorded_labs() {
  constexpr std::string_view kEnding = ".json";
  std::vector<std::string> labs;
  for (const auto& name : names_in(kRunDirectory)) {
    if (name.size() > kEnding.size() && name.ends_with(kEnding)) {
      labs.push_back(name.substr(0, name.size() - kEnding.size()));
    }
  }
  std::sort(labs.begin(), labs.end());
  return labs;
}

}  // namespace netyard
