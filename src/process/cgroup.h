// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "process/workload.h"

namespace netyard {

/// Where this machine has a cgroup hierarchy mounted, and where in it groups of ours go.
struct CgroupHierarchy {
  bool unified = false;                  // version 2
  std::vector<std::string> controllers;  // "memory", …; for version 2 those that can be had
  std::string base;                      // directory that holds the "netyard" group
};

/// Which hierarchies there are: version 1, version 2 or both, each controller where it is.
class CgroupLayout {
 public:
  /// Reads /proc/self/mountinfo and /proc/self/cgroup.
  static CgroupLayout detect();
  /// The same from the text of those files.
  static CgroupLayout parse(const std::string& mountinfo, const std::string& own, bool privileged);

  const std::vector<CgroupHierarchy>& hierarchies() const { return hierarchies_; }
  /// The hierarchy with a controller, or nullptr.
  const CgroupHierarchy* with(const std::string& controller) const;
  const CgroupHierarchy* unified() const;

 private:
  std::vector<CgroupHierarchy> hierarchies_;
};

/// What a group's processes have used, and what befell them.
struct CgroupUsage {
  std::optional<std::uint64_t> cpu_us;        // processor time, microseconds
  std::optional<std::uint64_t> memory;        // bytes now
  std::optional<std::uint64_t> memory_peak;   // bytes at most
  std::optional<std::uint64_t> memory_limit;  // bytes as the kernel holds it
  std::optional<std::uint64_t> pids;
  std::uint64_t oom_kills = 0;
  std::uint64_t pids_refused = 0;         // forks that the pids limit refused
  std::optional<double> memory_pressure;  // share of the last 10 s that something waited for memory
};

/// "killed, out of memory (limit 64 MiB, peak 64 MiB)", or "" when no process was.
std::string describe_out_of_memory(const CgroupUsage& usage, bool it_was_the_workload);

/// A group of ours: one directory, of the same path, in every hierarchy that it needs.
class Cgroup {
 public:
  Cgroup() = default;
  /// Makes "netyard/PATH" with the limits. With `membership` it is there even without limits, for
  /// killing and freezing. What exists already is taken over when it is empty of processes. Throws
  /// Error: no such controller, a value the kernel refuses, no right; nothing stays then.
  static Cgroup create(const std::string& path, const Limits& limits, bool membership);
  /// An existing group, wherever it is found.
  static Cgroup find(const std::string& path);
  /// Names of the groups directly under "netyard/PATH", in any hierarchy.
  static std::vector<std::string> children(const std::string& path);

  /// Whether the topmost group of its path, below "netyard", was made by netyard, and by one that
  /// has the same /run/netyard as this process: create() says so in an extended attribute. False
  /// when nothing says so.
  bool made_here() const;

  explicit operator bool() const { return !places_.empty(); }
  const std::string& path() const { return path_; }

  /// The directory for CLONE_INTO_CGROUP; empty when there is no version 2 here.
  FileDescriptor open_unified() const;
  /// The files, one a version 1 hierarchy, in which a process joins by writing "0".
  std::vector<FileDescriptor> open_tasks() const;

  CgroupUsage usage() const;
  std::vector<pid_t> processes() const;
  bool empty() const { return processes().empty(); }
  /// Stops all processes where they are, or lets them go on. Throws Error.
  void freeze(bool frozen) const;
  bool frozen() const;
  /// SIGKILL for everything in it, fork bombs included; returns when nothing is left, or after
  /// `patience`. True when it is empty.
  bool kill(std::chrono::milliseconds patience) const;
  /// Removes it and what is below; false when something is still in it.
  bool remove() const;

 private:
  struct Place {
    std::string directory;
    std::string base;  // of the hierarchy: never removed
    bool unified = false;
    std::vector<std::string> controllers;
  };
  const Place* with(const std::string& controller) const;
  const Place* unified() const;
  const Place* freezer() const;
  void apply(const Limits& limits) const;
  std::string topmost(const Place& place) const;
  void mark() const;
  static void make_path(Place& place, const CgroupHierarchy& hierarchy, const std::string& path);

  std::string path_;
  std::vector<Place> places_;
};

/// Controllers that the limits need: "memory", "cpu", "cpuset", "pids", "io".
std::vector<std::string> controllers_for(const Limits& limits);

}  // namespace netyard
