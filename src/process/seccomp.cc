// SPDX-License-Identifier: Apache-2.0
#include "process/seccomp.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/words.h"
#include "process/embedded.h"
#include "process/seccomp_cache.h"
#include "process/seccomp_shorten.h"

namespace netyard {
namespace {

constexpr SeccompReturn kNotPermitted = SECCOMP_RET_ERRNO | EPERM;
constexpr SeccompReturn kNoSuchCall = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::size_t kLargestProfile = std::size_t{4} << 20;
constexpr std::size_t kLongestProgram = BPF_MAXINSNS;

// Calls that make sense only with a capability, and are allowed with it.
struct CapabilityCalls {
  unsigned capability;
  std::vector<const char*> calls;
};
const std::vector<CapabilityCalls>& capability_calls() {
  static const std::vector<CapabilityCalls> kTable = {
      {CAP_SYS_ADMIN,
       {"mount", "umount", "umount2", "unshare", "setns", "pivot_root", "clone", "fsopen",
        "fsconfig", "fsmount", "fspick", "open_tree", "move_mount", "sethostname", "setdomainname",
        "mount_setattr", "quotactl", "quotactl_fd"}},
      {CAP_SYS_PTRACE,
       {"ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd",
        "process_madvise"}},
      {CAP_SYS_CHROOT, {"chroot", "setns"}},
      {CAP_SYS_TIME, {"settimeofday", "stime", "clock_settime", "clock_settime64"}},
      {CAP_SYS_MODULE, {"init_module", "finit_module", "delete_module"}},
      {CAP_SYS_BOOT, {"reboot", "kexec_load", "kexec_file_load"}},
      {CAP_SYS_RAWIO, {"iopl", "ioperm"}},
      {CAP_SYS_PACCT, {"acct"}},
      {CAP_SYS_NICE, {"mbind", "set_mempolicy", "get_mempolicy", "migrate_pages", "move_pages"}},
      {CAP_SYS_TTY_CONFIG, {"vhangup"}},
      {CAP_SYSLOG, {"syslog"}},
      {CAP_DAC_READ_SEARCH, {"open_by_handle_at"}},
      {CAP_BPF, {"bpf"}},
      {CAP_PERFMON, {"perf_event_open"}},
  };
  return kTable;
}

// Arguments that libseccomp cannot refuse: it compares 64 bits, the kernel looks at 32.
struct Guard {
  const char* call;
  unsigned argument;
  std::uint32_t value;
};
constexpr std::array kGuards = {Guard{"ioctl", 1, TIOCSTI}, Guard{"ioctl", 1, TIOCLINUX},
                                Guard{"socket", 0, AF_VSOCK}, Guard{"socket", 0, AF_ALG}};

struct Abi {
  std::uint32_t audit;
  std::uint32_t libseccomp;
};
#if defined(__x86_64__)
constexpr std::array kAbis = {Abi{AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64},
                              Abi{AUDIT_ARCH_I386, SCMP_ARCH_X86}};
#else
constexpr std::array kAbis = {Abi{AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64},
                              Abi{AUDIT_ARCH_ARM, SCMP_ARCH_ARM}};
#endif

constexpr sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
constexpr sock_filter jump_if(std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no);
}
constexpr sock_filter skip(std::size_t count) {
  return BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(count));
}
constexpr sock_filter give(SeccompReturn action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}

/// The ways to one call: a number of its own and, with 32-bit x86, one that many calls have in
/// common, whose first argument says which is meant.
struct Ways {
  int own = -1;
  int common = -1;
  std::uint32_t which = 0;
};

#if defined(__x86_64__)
// Those of 32-bit x86 that libseccomp knows by their common number.
int own_number(const std::string& call) {
  static const std::map<std::string, int> kNumbers = {
      {"socket", 359},      {"socketpair", 360},  {"bind", 361},       {"connect", 362},
      {"listen", 363},      {"accept4", 364},     {"getsockopt", 365}, {"setsockopt", 366},
      {"getsockname", 367}, {"getpeername", 368}, {"sendto", 369},     {"sendmsg", 370},
      {"recvfrom", 371},    {"recvmsg", 372},     {"shutdown", 373},   {"recvmmsg", 337},
      {"sendmmsg", 345},    {"semget", 393},      {"semctl", 394},     {"shmget", 395},
      {"shmctl", 396},      {"shmat", 397},       {"shmdt", 398},      {"msgget", 399},
      {"msgsnd", 400},      {"msgrcv", 401},      {"msgctl", 402}};
  const auto found = kNumbers.find(call);
  return found == kNumbers.end() ? -1 : found->second;
}
#else
int own_number(const std::string&) {
  return -1;
}
#endif

Ways ways_to(const std::string& call, const Abi& abi) {
  constexpr int kSocketCall = 102, kIpc = 117;
  const int number = seccomp_syscall_resolve_name_arch(abi.libseccomp, call.c_str());
  if (number >= 0) return {number};
  // libseccomp's own numbers for the rest: -101 and below for socketcall, -201 and below for ipc.
  const int which = -number % 100;
  if (number < -100 && number > -200) {
    return {own_number(call), kSocketCall, static_cast<std::uint32_t>(which)};
  }
  if (number < -200 && number > -300) {
    return {own_number(call), kIpc, static_cast<std::uint32_t>(which)};
  }
  return {};
}

// Both halves of a 64-bit argument are in the data; the low one comes first on these machines.
std::size_t low_half(unsigned argument) {
  return offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t);
}

/// What stands in front of a base program: decisions by number, and guards on arguments.
class Prefix {
 public:
  void decide(const std::string& call, SeccompReturn action) {
    decisions_.push_back({call, action});
  }
  void guard(const Guard& guard) { guards_.push_back(guard); }

  SeccompFilter before(const SeccompFilter& base) const {
    SeccompFilter out;
    if (!decisions_.empty() || !guards_.empty()) {
      out.push_back(load(offsetof(seccomp_data, arch)));
      std::vector<SeccompFilter> blocks;
      blocks.reserve(kAbis.size());
      for (const Abi& abi : kAbis) blocks.push_back(block(abi));
      std::size_t rest = 0;  // instructions from the end of a block to the base
      for (const auto& one : blocks) rest += one.size() + 3;
      for (std::size_t i = 0; i < blocks.size(); ++i) {
        rest -= blocks[i].size() + 3;
        out.push_back(jump_if(kAbis[i].audit, 1, 0));
        out.push_back(skip(blocks[i].size() + 1));
        out.insert(out.end(), blocks[i].begin(), blocks[i].end());
        out.push_back(skip(rest));
      }
    }
    out.insert(out.end(), base.begin(), base.end());
    return out;
  }

 private:
  SeccompFilter block(const Abi& abi) const {
    SeccompFilter out = {load(offsetof(seccomp_data, nr))};
#if defined(__x86_64__)
    // x32 has the same calls by other numbers.
    if (abi.audit == AUDIT_ARCH_X86_64) {
      out.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, __X32_SYSCALL_BIT, 0, 1));
      out.push_back(give(kNoSuchCall));
    }
#endif
    for (const auto& [call, action] : decisions_) {
      const Ways ways = ways_to(call, abi);
      if (ways.own >= 0) {
        out.push_back(jump_if(static_cast<std::uint32_t>(ways.own), 0, 1));
        out.push_back(give(action));
      }
      add_common(out, ways, action);
    }
    for (const auto& guard : guards_) {
      const Ways ways = ways_to(guard.call, abi);
      if (ways.own >= 0) {
        out.push_back(jump_if(static_cast<std::uint32_t>(ways.own), 0, 4));
        out.push_back(load(low_half(guard.argument)));
        out.push_back(jump_if(guard.value, 0, 1));
        out.push_back(give(kNotPermitted));
        out.push_back(load(offsetof(seccomp_data, nr)));
      }
      // The argument is behind a pointer then, where no filter can look: none of them.
      add_common(out, ways, kNotPermitted);
    }
    return out;
  }

  static void add_common(SeccompFilter& out, const Ways& ways, SeccompReturn action) {
    if (ways.common < 0) return;
    constexpr std::uint32_t kWhich = 0xffff;  // of ipc; above it is a version
    out.push_back(jump_if(static_cast<std::uint32_t>(ways.common), 0, 5));
    out.push_back(load(low_half(0)));
    out.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kWhich));
    out.push_back(jump_if(ways.which, 0, 1));
    out.push_back(give(action));
    out.push_back(load(offsetof(seccomp_data, nr)));
  }

  std::vector<std::pair<std::string, SeccompReturn>> decisions_;
  std::vector<Guard> guards_;
};

SeccompFilter program(std::string_view bytes) {
  SeccompFilter out(bytes.size() / sizeof(sock_filter));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(sock_filter));
  return out;
}

SeccompReturn refusal(const SeccompPolicy& policy) {
  if (policy.report) return SECCOMP_RET_USER_NOTIF;
  if (!policy.action) return kNotPermitted;
  switch (*policy.action) {
    case SeccompPolicy::Action::kill:
      return SECCOMP_RET_KILL_PROCESS;
    case SeccompPolicy::Action::log:
      return SECCOMP_RET_LOG;
    case SeccompPolicy::Action::trap:
      return SECCOMP_RET_TRAP;
    case SeccompPolicy::Action::errno_:
      break;
  }
  return kNotPermitted;
}

// Only the calls of the list, and the one that the workload begins with.
SeccompFilter compile_list(const SeccompPolicy& policy) {
  SeccompProfile profile;
  profile.fallback = kNotPermitted;
  for (const auto& known :
       {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"}) {
    profile.architectures.emplace_back(known);
  }
  SeccompProfile::Rule allowed{policy.allow, SECCOMP_RET_ALLOW, {}};
  allowed.names.emplace_back("execve");
  const bool clone3 =
      std::find(policy.allow.begin(), policy.allow.end(), "clone3") != policy.allow.end();
  // libc falls back to clone for ENOSYS only.
  if (!clone3) profile.rules.push_back({{"clone3"}, kNoSuchCall, {}});
  profile.rules.push_back(std::move(allowed));
  return shorten(compile_seccomp_profile(profile));
}

SeccompFilter load_profile(const std::string& path, CapabilitySet capabilities) {
  const std::string text = read_file(path, kLargestProfile);
  return cached_seccomp_program(std::to_string(capabilities) + "\n" + text, [&] {
    return shorten(compile_seccomp_profile(parse_seccomp_profile(text, path, capabilities)));
  });
}

SeccompFilter base_of(const SeccompPolicy& policy, CapabilitySet capabilities) {
  switch (policy.base) {
    case SeccompPolicy::Base::file:
      return load_profile(policy.file, capabilities);
    case SeccompPolicy::Base::none:
      return cached_seccomp_program("only " + join_words(policy.allow),
                                    [&] { return compile_list(policy); });
    case SeccompPolicy::Base::unconfined:
      return {give(SECCOMP_RET_ALLOW)};
    case SeccompPolicy::Base::standard:
      break;
  }
  return program(embedded_seccomp());
}

void replace_refusals(SeccompFilter& filter, SeccompReturn action) {
  if (action == kNotPermitted) return;
  for (auto& instruction : filter) {
    const bool refuses = instruction.code == (BPF_RET | BPF_K) && instruction.k == kNotPermitted;
    if (refuses) instruction.k = action;
  }
}

}  // namespace

SeccompFilter make_seccomp_filter(const SeccompPolicy& policy, CapabilitySet capabilities) {
  const bool lists = !policy.deny.empty() || !policy.allow.empty();
  if (policy.base == SeccompPolicy::Base::unconfined && !lists) return {};
  Prefix prefix;
  for (const auto& call : policy.deny) prefix.decide(call, kNotPermitted);
  if (policy.base != SeccompPolicy::Base::none) {
    for (const auto& call : policy.allow) prefix.decide(call, SECCOMP_RET_ALLOW);
  }
  if (policy.base == SeccompPolicy::Base::standard) {
    for (const auto& [capability, calls] : capability_calls()) {
      if ((capabilities >> capability & 1) == 0) continue;
      for (const char* call : calls) prefix.decide(call, SECCOMP_RET_ALLOW);
    }
    for (const auto& guard : kGuards) prefix.guard(guard);
  }
  SeccompFilter filter = prefix.before(base_of(policy, capabilities));
  replace_refusals(filter, refusal(policy));
  if (filter.size() > kLongestProgram) {
    throw Error(E2BIG, "make", "seccomp program")
        .reason(std::to_string(filter.size()) + " instructions, the kernel takes 4096");
  }
  return filter;
}

}  // namespace netyard
