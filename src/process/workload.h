// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace netyard {

/// Bounds that a cgroup keeps. Nothing set: no cgroup controller is needed.
struct Limits {
  std::optional<std::uint64_t> memory;      // bytes
  std::optional<std::uint64_t> swap;        // bytes on top of memory; unset with memory: none
  std::optional<std::uint32_t> cpu;         // thousandths of a processor
  std::optional<std::uint32_t> cpu_weight;  // 1 to 10000, 100 is the usual share
  std::string cpus;                         // "0-1,3"
  std::optional<std::uint32_t> pids;        // processes and threads
  struct Io {
    std::string device;                        // "/dev/vda"
    std::optional<std::uint64_t> read, write;  // bytes a second
    friend bool operator==(const Io&, const Io&) = default;
  };
  std::vector<Io> io;
  friend bool operator==(const Limits&, const Limits&) = default;
  bool any() const { return *this != Limits{}; }
};

/// Which system calls are allowed.
struct SeccompPolicy {
  enum class Base { standard, none, unconfined, file };
  enum class Action { errno_, kill, log, trap };  // what becomes of a refused call
  Base base = Base::standard;
  std::string file;                // base file: an OCI profile
  std::vector<std::string> allow;  // on top of the base
  std::vector<std::string> deny;   // out of what is allowed; stronger than allow
  std::optional<Action> action;    // unset: the base's own, EPERM for ours
  bool report = false;             // refused calls are told to netyard by name
  friend bool operator==(const SeccompPolicy&, const SeccompPolicy&) = default;
};

/// A part of the file system.
struct Mount {
  enum class Kind { bind, tmpfs, device };
  Kind kind = Kind::bind;
  std::string source;  // bind, device: on the host
  std::string target;  // absolute, inside
  bool read_only = false;
  std::optional<std::uint64_t> size;  // tmpfs: bytes
  friend bool operator==(const Mount&, const Mount&) = default;
};

struct ResourceLimit {
  std::string name;                  // "nofile", as prlimit(1) calls it
  std::uint64_t soft = 0, hard = 0;  // kUnlimited
  friend bool operator==(const ResourceLimit&, const ResourceLimit&) = default;
};
inline constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

/// A line of /proc/PID/uid_map.
struct IdRange {
  std::uint32_t inside = 0, outside = 0, count = 0;
  friend bool operator==(const IdRange&, const IdRange&) = default;
};

/// What Landlock leaves of the file system.
struct LandlockPolicy {
  std::vector<std::string> read;   // and execute
  std::vector<std::string> write;  // and read
  friend bool operator==(const LandlockPolicy&, const LandlockPolicy&) = default;
};

/// A program and all that confines it. The defaults are the confined state; whatever relaxes it is
/// said.
struct Workload {
  std::vector<std::string> argv;          // empty: what the image of the rootfs says
  std::vector<std::string> env;           // "KEY=VALUE"
  std::vector<std::string> env_files;     // lines of KEY=VALUE
  std::string user;                       // "", name or number, with ":GROUP" or not; "": root
  std::vector<std::string> groups;        // supplementary, names or numbers
  std::optional<unsigned> umask;          // 022 when not given
  std::string cwd;                        // "": "/"
  std::string hostname;                   // "": the host's
  std::vector<std::string> capabilities;  // kept; none by default
  bool no_new_privs = true;
  SeccompPolicy seccomp;
  std::optional<LandlockPolicy> landlock;
  Limits limits;
  std::vector<ResourceLimit> rlimits;
  std::optional<int> nice;           // -20 to 19
  std::optional<int> oom_score_adj;  // -1000 to 1000
  bool read_only = true;             // the root file system
  std::string rootfs;                // "": the host's. A directory, an OCI layout, or an OCI tar
  std::vector<Mount> mounts;
  std::vector<IdRange> uid_map, gid_map;  // both: a user namespace of its own
  std::vector<std::string> share;         // namespaces not its own: pid, mount, uts, ipc, cgroup
  std::optional<std::int64_t> boottime_offset, monotonic_offset;  // seconds: a time namespace

  bool shares(const char* kind) const;
  bool has_user_namespace() const { return !uid_map.empty() || !gid_map.empty(); }
  friend bool operator==(const Workload&, const Workload&) = default;
};

/// A value of a workload that cannot be right, with the key of the file it stands under.
struct WorkloadProblem {
  std::string key;   // "capabilities"
  std::string word;  // the offending one of a list, or ""
  std::string message;
  std::string hint;
};

/// Names that do not exist and values that contradict one another; nothing of the machine is looked
/// at, so a file can be checked elsewhere.
std::vector<WorkloadProblem> check_words(const Workload& workload);
/// A rootfs that is missing, a symbolic link, or neither directory nor file.
std::vector<WorkloadProblem> check_rootfs(const Workload& workload);
/// What this machine lacks: users, groups, files, programs, controllers. The rootfs is a directory.
/// Throws nothing.
std::vector<WorkloadProblem> check_machine(const Workload& workload);

/// "SOURCE:TARGET[:ro|rw]" or "PATH[:ro|rw]"; nullopt with the problem when it is none.
std::optional<Mount> parse_bind(const std::string& text, std::string& problem);
/// "nofile=1024[:4096]", "core=unlimited".
std::optional<ResourceLimit> parse_rlimit(const std::string& text, std::string& problem);
/// "INSIDE OUTSIDE COUNT" or "INSIDE:OUTSIDE:COUNT".
std::optional<IdRange> parse_id_range(const std::string& text, std::string& problem);
/// Names that rlimits have: "nofile", "nproc", …
std::vector<std::string> rlimit_names();
/// RLIMIT_NOFILE for "nofile"; -1 for a name that is none.
int rlimit_number(const std::string& name);
/// 15 for "TERM", "SIGTERM" or "15"; 0 for a word that names no signal.
int signal_number(const std::string& word);
/// "SIGTERM" for 15; "signal 99" for one without a name.
std::string signal_name(int number);

}  // namespace netyard
