// SPDX-License-Identifier: Apache-2.0
#include "netns/processes.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace netyard {
namespace {

constexpr std::size_t kSmallFile = 65536;

std::optional<pid_t> to_pid(const char* text) {
  pid_t pid = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, failed] = std::from_chars(text, end, pid);
  if (failed != std::errc() || stop != end) return {};
  return pid;
}

std::string first_line(const std::string& path) {
  std::string text = read_file(path, kSmallFile);
  return text.substr(0, text.find('\n'));
}

// Field 22; the command in field 2 may hold anything, so count from the last ')'.
std::uint64_t start_time(pid_t pid) {
  const std::string stat = read_file(fmt::format("/proc/{}/stat", pid), kSmallFile);
  std::size_t at = stat.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  std::uint64_t ticks = 0;
  if (at != std::string::npos) {
    std::from_chars(stat.data() + at + 1, stat.data() + stat.size(), ticks);
  }
  return ticks;
}

}  // namespace

std::vector<NamespaceProcess> processes_by_namespace() {
  std::vector<NamespaceProcess> found;
  DIR* proc = opendir("/proc");
  if (proc == nullptr) return found;
  while (const dirent* entry = readdir(proc)) {
    const auto pid = to_pid(entry->d_name);
    struct stat info {};
    // A process may end, or be out of our reach, at any moment.
    if (!pid || stat(fmt::format("/proc/{}/ns/net", *pid).c_str(), &info) < 0) continue;
    try {
      found.push_back(
          {*pid, first_line(fmt::format("/proc/{}/comm", *pid)), {info.st_dev, info.st_ino, 0}});
    } catch (const Error&) {
      continue;
    }
  }
  closedir(proc);
  return found;
}

ProcessIdentity this_process() {
  return identify_process(getpid());
}

ProcessIdentity identify_process(pid_t pid) {
  return {pid, start_time(pid)};
}

bool is_running(const ProcessIdentity& process) {
  try {
    return start_time(process.pid) == process.start_time;
  } catch (const Error&) {
    return false;
  }
}

std::string boot_id() {
  return first_line("/proc/sys/kernel/random/boot_id");
}

}  // namespace netyard
