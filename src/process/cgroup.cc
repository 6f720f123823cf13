// SPDX-License-Identifier: Apache-2.0
#include "process/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <set>
#include <sstream>

#include "base/directory.h"
#include "base/error.h"
#include "base/units.h"

namespace netyard {
namespace {

constexpr std::size_t kLargestFile = std::size_t{16} << 20;
constexpr const char* kOurs = "netyard";
constexpr std::uint64_t kPeriod = 100'000;  // microseconds, of the processor quota
// Version 1 says "no limit" by the largest multiple of a page.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62;

std::string read_if_there(const std::string& path) {
  try {
    return read_file(path, kLargestFile);
  } catch (const Error&) {
    return {};
  }
}

std::optional<std::uint64_t> number_in(const std::string& path) {
  const std::string text = read_if_there(path);
  std::uint64_t value = 0;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc()) return {};
  return value;
}

// "key value" lines, as in memory.events.
std::uint64_t value_of(const std::string& path, const std::string& key) {
  std::istringstream lines(read_if_there(path));
  std::string word;
  for (std::uint64_t value = 0; lines >> word >> value;) {
    if (word == key) return value;
  }
  return 0;
}

void write(const std::string& path, const std::string& text) {
  const FileDescriptor file = open_file(path, O_WRONLY);
  write_all(file.get(), text, path);
}

void make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return;
  Error error = system_error("make cgroup", path);
  if (error.code() == EACCES || error.code() == EPERM || error.code() == EROFS) {
    error.hint(
        "limits need a cgroup that is ours: run as root, or in a delegated one (systemd-run "
        "--user --scope -p Delegate=yes)");
  }
  throw error;
}

// Every level has to hand a controller down before the next can use it.
void hand_down(const std::string& directory, const std::vector<std::string>& controllers) {
  const std::string path = directory + "/cgroup.subtree_control";
  std::istringstream now(read_if_there(path));
  std::set<std::string> enabled;
  for (std::string word; now >> word;) enabled.insert(word);
  for (const auto& controller : controllers) {
    if (enabled.contains(controller)) continue;
    try {
      write(path, "+" + controller);
    } catch (Error& error) {
      if (error.code() == EBUSY) {
        error.hint(
            "processes are in this cgroup itself: only one without can hand controllers "
            "down. Start netyard in a delegated cgroup of its own");
      }
      throw error;
    }
  }
}

// cpuset groups of version 1 begin with nothing, and take no process until they have something.
void inherit_cpuset(const std::string& directory) {
  const std::string parent = directory.substr(0, directory.rfind('/'));
  for (const char* file : {"/cpuset.cpus", "/cpuset.mems"}) {
    if (!read_if_there(directory + file).empty() && read_if_there(directory + file) != "\n")
      continue;
    write(directory + file, read_if_there(parent + file));
  }
}

std::string device_number(const std::string& device) {
  struct stat status {};
  if (stat(device.c_str(), &status) < 0) throw system_error("limit", device);
  return fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev));
}

struct Setting {
  std::string file;
  std::string value;
};

std::vector<Setting> memory_settings(const Limits& limits, bool unified) {
  const std::uint64_t memory = limits.memory.value_or(0);
  const std::uint64_t swap = limits.swap.value_or(0);
  std::vector<Setting> out;
  if (unified) {
    if (limits.memory) out.push_back({"memory.max", std::to_string(memory)});
    if (limits.memory || limits.swap) out.push_back({"memory.swap.max", std::to_string(swap)});
    return out;
  }
  if (limits.memory) {
    out.push_back({"memory.limit_in_bytes", std::to_string(memory)});
    out.push_back({"memory.memsw.limit_in_bytes", std::to_string(memory + swap)});
  }
  return out;
}

std::vector<Setting> cpu_settings(const Limits& limits, bool unified) {
  std::vector<Setting> out;
  if (limits.cpu) {
    const std::uint64_t quota = std::max<std::uint64_t>(*limits.cpu * kPeriod / 1000, 1000);
    if (unified) {
      out.push_back({"cpu.max", fmt::format("{} {}", quota, kPeriod)});
    } else {
      out.push_back({"cpu.cfs_period_us", std::to_string(kPeriod)});
      out.push_back({"cpu.cfs_quota_us", std::to_string(quota)});
    }
  }
  if (limits.cpu_weight) {
    // 100 of version 2 is what 1024 is of version 1.
    const std::uint64_t shares = std::max<std::uint64_t>(*limits.cpu_weight * 1024ULL / 100, 2);
    out.push_back(unified ? Setting{"cpu.weight", std::to_string(*limits.cpu_weight)}
                          : Setting{"cpu.shares", std::to_string(shares)});
  }
  return out;
}

std::vector<Setting> io_settings(const Limits& limits, bool unified) {
  std::vector<Setting> out;
  for (const auto& io : limits.io) {
    const std::string device = device_number(io.device);
    if (unified) {
      std::string words = device;
      if (io.read) words += fmt::format(" rbps={}", *io.read);
      if (io.write) words += fmt::format(" wbps={}", *io.write);
      out.push_back({"io.max", words});
      continue;
    }
    if (io.read) {
      out.push_back({"blkio.throttle.read_bps_device", fmt::format("{} {}", device, *io.read)});
    }
    if (io.write) {
      out.push_back({"blkio.throttle.write_bps_device", fmt::format("{} {}", device, *io.write)});
    }
  }
  return out;
}

std::vector<Setting> settings_for(const std::string& controller, const Limits& limits,
                                  bool unified) {
  if (controller == "memory") return memory_settings(limits, unified);
  if (controller == "cpu") return cpu_settings(limits, unified);
  if (controller == "io") return io_settings(limits, unified);
  if (controller == "pids" && limits.pids) return {{"pids.max", std::to_string(*limits.pids)}};
  if (controller == "cpuset" && !limits.cpus.empty()) return {{"cpuset.cpus", limits.cpus}};
  return {};
}

void apply_setting(const std::string& directory, const Setting& setting) {
  const std::string path = directory + "/" + setting.file;
  // Without swap accounting there is no such file, and nothing to bound.
  const bool optional = setting.file.find("swap") != std::string::npos ||
                        setting.file.find("memsw") != std::string::npos;
  if (optional && !is_there(path)) return;
  try {
    write(path, setting.value);
  } catch (const Error& error) {
    Error out(error.code(), "limit", setting.file + " = " + setting.value);
    if (error.code() == EINVAL || error.code() == ERANGE || error.code() == EACCES) {
      out.reason("the kernel does not take the value for " + directory);
    }
    throw out;
  }
}

void list_processes(const std::string& directory, std::set<pid_t>& out) {
  std::istringstream words(read_if_there(directory + "/cgroup.procs"));
  for (pid_t pid = 0; words >> pid;) out.insert(pid);
  DIR* entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries)) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
      list_processes(directory + "/" + entry->d_name, out);
    }
  }
  closedir(entries);
}

bool remove_tree(const std::string& directory) {
  if (rmdir(directory.c_str()) == 0 || errno == ENOENT) return true;
  DIR* entries = opendir(directory.c_str());
  if (entries == nullptr) return errno == ENOENT;
  while (const dirent* entry = readdir(entries)) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
      remove_tree(directory + "/" + entry->d_name);
    }
  }
  closedir(entries);
  return rmdir(directory.c_str()) == 0 || errno == ENOENT;
}

void wait_a_moment() {
  constexpr int kMilliseconds = 2;
  poll(nullptr, 0, kMilliseconds);
}

}  // namespace

std::vector<std::string> controllers_for(const Limits& limits) {
  std::vector<std::string> out;
  if (limits.memory || limits.swap) out.emplace_back("memory");
  if (limits.cpu || limits.cpu_weight) out.emplace_back("cpu");
  if (!limits.cpus.empty()) out.emplace_back("cpuset");
  if (limits.pids) out.emplace_back("pids");
  if (!limits.io.empty()) out.emplace_back("io");
  return out;
}

std::string describe_out_of_memory(const CgroupUsage& usage, bool it_was_the_workload) {
  if (usage.oom_kills == 0) return {};
  std::string numbers;
  if (usage.memory_limit) numbers = "limit " + format_size(*usage.memory_limit);
  if (usage.memory_peak) {
    numbers += (numbers.empty() ? "peak " : ", peak ") + format_size(*usage.memory_peak);
  }
  return fmt::format("{}, out of memory{}",
                     it_was_the_workload ? "killed" : "a process of it was killed",
                     numbers.empty() ? "" : " (" + numbers + ")");
}

Cgroup Cgroup::create(const std::string& path, const Limits& limits, bool membership) {
  const CgroupLayout layout = CgroupLayout::detect();
  Cgroup out;
  out.path_ = path;
  std::vector<std::string> wanted = controllers_for(limits);
  for (const auto& controller : wanted) {
    if (layout.with(controller) != nullptr) continue;
    throw Error(0, "limit", path)
        .reason("this machine has no cgroup controller '" + controller + "' to be used")
        .hint("limits of it cannot be kept here; see 'cgroup' in docs/workloads.md");
  }
  // Accounting is cheap and what `ps` shows; without a right to it, it is left out.
  if (membership) {
    for (const char* controller : {"memory", "pids", "cpu", "cpuacct"}) {
      const bool listed = std::find(wanted.begin(), wanted.end(), controller) != wanted.end();
      if (!listed && layout.with(controller) != nullptr) wanted.emplace_back(controller);
    }
    if (layout.unified() == nullptr && layout.with("freezer") != nullptr) {
      wanted.emplace_back("freezer");
    }
  }
  try {
    for (const auto& hierarchy : layout.hierarchies()) {
      Place place;
      place.unified = hierarchy.unified;
      for (const auto& controller : wanted) {
        if (layout.with(controller) == &hierarchy) place.controllers.push_back(controller);
      }
      if (place.controllers.empty() && !(hierarchy.unified && membership)) continue;
      make_path(place, hierarchy, path);
      out.places_.push_back(std::move(place));
    }
    out.mark();
    out.apply(limits);
  } catch (const Error&) {
    out.remove();
    throw;
  }
  return out;
}

void Cgroup::make_path(Place& place, const CgroupHierarchy& hierarchy, const std::string& path) {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    try {
      place.directory = place.base = hierarchy.base;
      std::istringstream parts(std::string(kOurs) + "/" + path);
      for (std::string part; std::getline(parts, part, '/');) {
        if (hierarchy.unified) hand_down(place.directory, place.controllers);
        place.directory += "/" + part;
        make_directory(place.directory);
        if (hierarchy.controllers.front() == "cpuset" && !hierarchy.unified) {
          inherit_cpuset(place.directory);
        }
      }
      return;
    } catch (const Error& error) {
      // Another netyard removed the empty "netyard" under our feet.
      if (error.code() != ENOENT || attempt == kAttempts) throw;
    }
  }
}

void Cgroup::apply(const Limits& limits) const {
  for (const auto& place : places_) {
    for (const auto& controller : place.controllers) {
      for (const auto& setting : settings_for(controller, limits, place.unified)) {
        apply_setting(place.directory, setting);
      }
    }
  }
}

Cgroup Cgroup::find(const std::string& path) {
  Cgroup out;
  out.path_ = path;
  const CgroupLayout layout = CgroupLayout::detect();
  for (const auto& hierarchy : layout.hierarchies()) {
    Place place{hierarchy.base + "/" + kOurs + "/" + path, hierarchy.base, hierarchy.unified,
                hierarchy.controllers};
    if (is_there(place.directory)) out.places_.push_back(std::move(place));
  }
  return out;
}

std::vector<std::string> Cgroup::children(const std::string& path) {
  std::set<std::string> names;
  const CgroupLayout layout = CgroupLayout::detect();
  for (const auto& hierarchy : layout.hierarchies()) {
    std::string directory = hierarchy.base + "/" + kOurs;
    if (!path.empty()) directory += "/" + path;
    DIR* entries = opendir(directory.c_str());
    if (entries == nullptr) continue;
    while (const dirent* entry = readdir(entries)) {
      if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names.insert(entry->d_name);
    }
    closedir(entries);
  }
  return {names.begin(), names.end()};
}

const Cgroup::Place* Cgroup::with(const std::string& controller) const {
  for (const auto& place : places_) {
    const auto& has = place.controllers;
    if (std::find(has.begin(), has.end(), controller) != has.end()) return &place;
  }
  return nullptr;
}

const Cgroup::Place* Cgroup::unified() const {
  for (const auto& place : places_) {
    if (place.unified) return &place;
  }
  return nullptr;
}

FileDescriptor Cgroup::open_unified() const {
  const Place* place = unified();
  if (place == nullptr) return {};
  return open_file(place->directory, O_RDONLY | O_DIRECTORY);
}

std::vector<FileDescriptor> Cgroup::open_tasks() const {
  std::vector<FileDescriptor> out;
  for (const auto& place : places_) {
    if (!place.unified) out.push_back(open_file(place.directory + "/tasks", O_WRONLY));
  }
  return out;
}

CgroupUsage Cgroup::usage() const {
  CgroupUsage out;
  if (const Place* memory = with("memory"); memory != nullptr && memory->unified) {
    const std::string& at = memory->directory;
    out.memory = number_in(at + "/memory.current");
    out.memory_peak = number_in(at + "/memory.peak");
    out.memory_limit = number_in(at + "/memory.max");
    out.oom_kills = value_of(at + "/memory.events", "oom_kill");
  } else if (memory != nullptr) {
    const std::string& at = memory->directory;
    out.memory = number_in(at + "/memory.usage_in_bytes");
    out.memory_peak = number_in(at + "/memory.max_usage_in_bytes");
    out.memory_limit = number_in(at + "/memory.limit_in_bytes");
    if (out.memory_limit && *out.memory_limit > kNoLimit) out.memory_limit.reset();
    out.oom_kills = value_of(at + "/memory.oom_control", "oom_kill");
  }
  if (const Place* pids = with("pids")) {
    out.pids = number_in(pids->directory + "/pids.current");
    out.pids_refused = value_of(pids->directory + "/pids.events", "max");
  }
  if (const Place* accounts = with("cpuacct")) {
    const auto nanoseconds = number_in(accounts->directory + "/cpuacct.usage");
    if (nanoseconds) out.cpu_us = *nanoseconds / 1000;
  } else if (const Place* place = unified()) {
    out.cpu_us = value_of(place->directory + "/cpu.stat", "usage_usec");
  }
  if (const Place* place = unified()) {
    const std::string text = read_if_there(place->directory + "/memory.pressure");
    const std::size_t at = text.find("avg10=");
    if (at != std::string::npos) out.memory_pressure = std::atof(text.c_str() + at + 6);
  }
  return out;
}

std::vector<pid_t> Cgroup::processes() const {
  std::set<pid_t> out;
  for (const auto& place : places_) list_processes(place.directory, out);
  return {out.begin(), out.end()};
}

const Cgroup::Place* Cgroup::freezer() const {
  const Place* place = unified();
  if (place != nullptr && is_there(place->directory + "/cgroup.freeze")) return place;
  return with("freezer");
}

void Cgroup::freeze(bool frozen) const {
  const Place* place = freezer();
  if (place == nullptr) {
    throw Error(0, "freeze", path_).reason("it has no cgroup that can be frozen on this machine");
  }
  if (place->unified) {
    write(place->directory + "/cgroup.freeze", frozen ? "1" : "0");
  } else {
    write(place->directory + "/freezer.state", frozen ? "FROZEN" : "THAWED");
  }
}

bool Cgroup::frozen() const {
  const Place* place = freezer();
  if (place == nullptr) return false;
  if (place->unified) return value_of(place->directory + "/cgroup.events", "frozen") == 1;
  return read_if_there(place->directory + "/freezer.state").starts_with("FROZEN");
}

bool Cgroup::kill(std::chrono::milliseconds patience) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  const Place* place = freezer();
  for (;;) {
    if (place != nullptr && place->unified && is_there(place->directory + "/cgroup.kill")) {
      write(place->directory + "/cgroup.kill", "1");
    }
    const std::vector<pid_t> members = processes();
    if (members.empty()) return true;
    // Frozen, nothing can fork away between the list and the signals.
    const bool still = place != nullptr && !place->unified;
    if (still) freeze(true);
    for (const pid_t pid : processes()) ::kill(pid, SIGKILL);
    if (still) freeze(false);
    if (std::chrono::steady_clock::now() > end) return processes().empty();
    wait_a_moment();
  }
}

bool Cgroup::remove() const {
  bool gone = true;
  for (const auto& place : places_) {
    bool removed = remove_tree(place.directory);
    // The last process is dead; its group knows a moment later.
    for (int i = 0; i < 50 && !removed; ++i) {
      wait_a_moment();
      removed = remove_tree(place.directory);
    }
    gone = gone && removed;
  }
  // "netyard" and the lab's own group go with the last one in them, also where one who was killed
  // came no further.
  const CgroupLayout layout = CgroupLayout::detect();
  for (const auto& hierarchy : layout.hierarchies()) {
    std::string parent = hierarchy.base + "/" + kOurs + "/" + path_;
    while ((parent = parent.substr(0, parent.rfind('/'))).size() > hierarchy.base.size()) {
      if (rmdir(parent.c_str()) < 0 && errno != ENOENT) break;
    }
  }
  return gone;
}

}  // namespace netyard
