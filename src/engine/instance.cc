// SPDX-License-Identifier: Apache-2.0
#include "engine/instance.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/directory.h"
#include "base/log.h"
#include "engine/rulesets.h"
#include "netns/namespace.h"
#include "netns/processes.h"
#include "process/cgroup.h"

namespace netyard {
namespace {

constexpr std::string_view kEnding = ".ephemeral";
constexpr std::size_t kLargestEntry = std::size_t{256} << 20;
constexpr auto kPatienceWithRemains = std::chrono::seconds(10);

std::string in_run(const std::string& name) {
  return std::string(kRunDirectory) + "/" + name;
}

std::string entry_of(const std::string& instance) {
  return in_run(instance + std::string(kEnding));
}

std::vector<std::string> instances() {
  std::vector<std::string> out;
  for (const auto& name : names_in(kRunDirectory)) {
    if (name.ends_with(kEnding)) out.push_back(name.substr(0, name.size() - kEnding.size()));
  }
  return out;
}

/// Holds /run/netyard: who is in it does not change meanwhile.
class DirectoryLock {
 public:
  explicit DirectoryLock(bool make) {
    struct stat ours {};
    struct stat there {};
    do {
      if (make && mkdir(kRunDirectory, 0755) < 0 && errno != EEXIST) {
        throw system_error("create directory", kRunDirectory);
      }
      directory_ = FileDescriptor(open(kRunDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!directory_ && errno == ENOENT && make) continue;
      if (!directory_ && errno == ENOENT) return;
      if (!directory_) throw system_error("open", kRunDirectory);
      lock();
      if (fstat(directory_.get(), &ours) < 0) throw system_error("look at", kRunDirectory);
      // It may have been removed, and made again, while we waited.
    } while (!directory_ || stat(kRunDirectory, &there) < 0 || ours.st_ino != there.st_ino ||
             ours.st_dev != there.st_dev);
  }
  explicit operator bool() const { return static_cast<bool>(directory_); }

 private:
  void lock() const {
    while (flock(directory_.get(), LOCK_EX) < 0) {
      if (errno != EINTR) throw system_error("lock", kRunDirectory);
    }
  }

  FileDescriptor directory_;
};

// With the lock held.
std::vector<Leftover> remove_unused() {
  std::vector<Leftover> left;
  if (!instances().empty()) return left;
  for (const char* directory : kCoveredDirectories) {
    const std::string marker = made_marker(directory);
    if (!is_there(marker)) continue;
    if (rmdir(directory) < 0 && errno != ENOENT && errno != EBUSY) {
      // Others use it, and the last of them removes it; or it could not be removed.
      if (errno != ENOTEMPTY) left.push_back({directory, system_error("remove", directory)});
      continue;
    }
    // Busy: another has mounted on it meanwhile, and relies on it.
    if (remove_file(marker) < 0 && errno != ENOENT) {
      left.push_back({marker, system_error("remove", marker)});
    }
  }
  rmdir(kRunDirectory);  // refuses when anything is in it
  return left;
}

void make_covered() {
  for (const char* directory : kCoveredDirectories) {
    if (mkdir(directory, 0755) == 0) {
      open_file(made_marker(directory), O_WRONLY | O_CREAT | O_NOFOLLOW, 0644);
    } else if (errno != EEXIST) {
      log::debug(system_error("create directory", directory).what());
    }
  }
}

std::vector<Leftover> remove_entry(const std::string& instance) {
  const std::string entry = entry_of(instance);
  try {
    const DirectoryLock lock(false);
    if (!lock) return {};
    if (remove_file(entry) < 0 && errno != ENOENT) throw system_error("remove", entry);
    return remove_unused();
  } catch (const Error& error) {
    return {{entry, error}};
  }
}

void remove_groups(const std::string& scope, std::vector<Leftover>& left) {
  const Cgroup group = Cgroup::find(scope);
  if (!group || (group.kill(kPatienceWithRemains) && group.remove())) return;
  left.push_back(
      {"cgroup netyard/" + scope,
       Error(EBUSY, "remove cgroup", "netyard/" + scope).reason("processes in it did not end")});
}

void remove_table(const std::string& table, std::vector<Leftover>& left) {
  try {
    const FileDescriptor host = current_namespace();
    if (has_table(table, host.get())) delete_table(table, host.get());
  } catch (const Error& error) {
    left.push_back({"nftables table " + table + " of the host", error});
  }
}

bool owner_runs(const std::string& instance) {
  const std::string path = entry_of(instance);
  try {
    const ProcessIdentity owner = from_text(read_file(path, kLargestEntry), path).owner;
    // One that is dead and waits for its parent does not run.
    const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, owner.pid, 0)));
    pollfd ended = {process.get(), POLLIN, 0};
    return process && poll(&ended, 1, 0) == 0 && is_running(owner);
  } catch (const Error& error) {
    return error.code() == ENOENT;  // over: nothing to be done about it
  }
}

}  // namespace

const char* const kCoveredDirectories[3] = {"/run/netns", "/etc/netns", kRunDirectory};

std::string new_instance() {
  const ProcessIdentity self = this_process();
  std::string outer = cgroup_scope();
  // "@1_2/@1_2_3_4/": the last one's name begins with those around it.
  if (!outer.empty()) {
    outer.pop_back();
    outer = outer.substr(outer.rfind('@') + 1) + "_";
  }
  return fmt::format("{}{}_{}", outer, self.pid, self.start_time);
}

std::string cgroup_scope() {
  try {
    return read_file(in_run(".scope"), 4096);
  } catch (const Error&) {
    return {};
  }
}

void write_cgroup_scope(const std::string& scope) {
  const std::string path = in_run(".scope");
  const FileDescriptor file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
  write_all(file.get(), scope, path);
}

std::string made_marker(const std::string& directory) {
  std::string name = directory;
  std::replace(name.begin(), name.end(), '/', '-');
  return "/run/netyard/.made" + name;
}

std::vector<Leftover> remove_made_directories() {
  try {
    const DirectoryLock lock(false);
    return lock ? remove_unused() : std::vector<Leftover>();
  } catch (const Error& error) {
    return {{kRunDirectory, error}};
  }
}

void enter_instance(const std::string& instance, const LabRecord& record) {
  const DirectoryLock lock(true);
  const std::string path = entry_of(instance);
  // It is there at once and whole, or not at all.
  const FileDescriptor file = open_file(kRunDirectory, O_WRONLY | O_TMPFILE, 0644);
  write_all(file.get(), to_text(record), path);
  const std::string source = "/proc/self/fd/" + std::to_string(file.get());
  if (linkat(AT_FDCWD, source.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) < 0) {
    throw system_error("create", path);
  }
  make_covered();
}

std::vector<Leftover> clear_instance(const std::string& instance) {
  std::vector<Leftover> left;
  const std::string path = entry_of(instance);
  remove_groups(cgroup_scope() + "@" + instance, left);
  try {
    const LabRecord record = from_text(read_file(path, kLargestEntry), path);
    if (!record.host_table.empty()) remove_table(record.host_table, left);
  } catch (const Error& error) {
    if (error.code() == ENOENT) return left;  // another cleared it
    left.push_back({path, error});
  }
  // What could not be removed is for the next that sweeps.
  return left.empty() ? remove_entry(instance) : left;
}

std::vector<EndedInstance> ended_instances() {
  std::vector<EndedInstance> out;
  for (const auto& instance : instances()) {
    if (owner_runs(instance)) continue;
    EndedInstance ended{instance, {}};
    const std::string path = entry_of(instance);
    try {
      ended.lab = from_text(read_file(path, kLargestEntry), path).name;
    } catch (const Error& error) {
      log::debug(error.what());
    }
    out.push_back(std::move(ended));
  }
  return out;
}

std::vector<Leftover> sweep_instances(bool all) {
  std::vector<Leftover> left;
  for (const auto& instance : instances()) {
    if (!all && owner_runs(instance)) continue;
    for (auto& stayed : clear_instance(instance)) left.push_back(std::move(stayed));
  }
  return left;
}

}  // namespace netyard
