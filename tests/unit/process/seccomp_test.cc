// SPDX-License-Identifier: Apache-2.0
// The filters as the kernel would run them, against what the profile's text says.
#include "process/seccomp.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace netyard::test {
namespace {

/// Runs a program as the kernel does: the few instructions that filters are made of.
SeccompReturn evaluate(const SeccompFilter& filter, const seccomp_data& data) {
  std::uint32_t value = 0;
  for (std::size_t at = 0; at < filter.size(); ++at) {
    const sock_filter& step = filter[at];
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (step.k + sizeof value > sizeof data || step.k % sizeof value != 0) return ~0U;
        std::memcpy(&value, reinterpret_cast<const char*>(&data) + step.k, sizeof value);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        value &= step.k;
        break;
      case BPF_JMP | BPF_JA:
        at += step.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += value == step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += value >= step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        at += value > step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        at += (value & step.k) != 0 ? step.jt : step.jf;
        break;
      case BPF_RET | BPF_K:
        return step.k;
      default:
        ADD_FAILURE() << "instruction " << step.code;
        return ~0U;
    }
  }
  ADD_FAILURE() << "it has no end";
  return ~0U;
}

constexpr SeccompReturn kAllow = SECCOMP_RET_ALLOW;
constexpr SeccompReturn kNotPermitted = SECCOMP_RET_ERRNO | EPERM;
constexpr SeccompReturn kNoSuchCall = SECCOMP_RET_ERRNO | ENOSYS;

struct Call {
  std::uint32_t architecture = AUDIT_ARCH_X86_64;
  int number = 0;
  std::uint64_t first = 0, second = 0;
};

SeccompReturn ask(const SeccompFilter& filter, const Call& call) {
  seccomp_data data{};
  data.arch = call.architecture;
  data.nr = call.number;
  data.args[0] = call.first;
  data.args[1] = call.second;
  return evaluate(filter, data);
}

#if defined(__x86_64__)
constexpr int kMostCalls = 1000;
constexpr int kX32 = 0x40000000;
constexpr int kSocketCall = 102;

std::string name_of(std::uint32_t architecture, int number) {
  const std::unique_ptr<char, void (*)(void*)> name(
      seccomp_syscall_resolve_num_arch(architecture, number), free);
  return name ? name.get() : "";
}

/// What default.json says of a call by name; arguments of the rule, if it has one, are met or not.
class ProfileText {
 public:
  ProfileText() {
    constexpr std::size_t kMost = 1 << 20;
    const auto body = nlohmann::json::parse(read_file(NETYARD_DEFAULT_PROFILE, kMost));
    fallback_ = SECCOMP_RET_ERRNO | body.at("defaultErrnoRet").get<unsigned>();
    for (const auto& rule : body.at("syscalls")) {
      const bool allows = rule.at("action") == "SCMP_ACT_ALLOW";
      for (const auto& name : rule.at("names")) {
        if (rule.contains("args")) {
          conditions_[name].push_back(rule.at("args").at(0));
        } else {
          plain_[name] = allows ? kAllow : SECCOMP_RET_ERRNO | rule.at("errnoRet").get<unsigned>();
        }
      }
    }
  }
  SeccompReturn says(const std::string& name, std::uint64_t first) const {
    if (const auto found = plain_.find(name); found != plain_.end()) return found->second;
    const auto found = conditions_.find(name);
    if (found == conditions_.end()) return fallback_;
    for (const auto& condition : found->second) {
      const auto value = condition.at("value").get<std::uint64_t>();
      const bool masked = condition.at("op") == "SCMP_CMP_MASKED_EQ";
      if (masked ? (first & value) == condition.at("valueTwo") : first == value) return kAllow;
    }
    return fallback_;
  }

 private:
  SeccompReturn fallback_ = 0;
  std::map<std::string, SeccompReturn> plain_;
  std::map<std::string, std::vector<nlohmann::json>> conditions_;
};

class DefaultFilter : public testing::TestWithParam<std::uint32_t> {};

TEST_P(DefaultFilter, DecidesEveryCallAsItsTextSays) {
  const SeccompFilter filter = make_seccomp_filter({}, 0);
  const ProfileText text;
  int known = 0;
  for (int number = 0; number < kMostCalls; ++number) {
    const std::string name = name_of(GetParam(), number);
    if (GetParam() == AUDIT_ARCH_I386 && number == kSocketCall) continue;
    known += name.empty() ? 0 : 1;
    for (const std::uint64_t first :
         {std::uint64_t{0}, std::uint64_t{8}, std::uint64_t{131072}, std::uint64_t{0x10000000},
          std::uint64_t{0x40011}, std::uint64_t{0xffffffff}}) {
      EXPECT_EQ(ask(filter, {GetParam(), number, first, 0}), text.says(name, first))
          << number << " " << name << " " << first;
    }
  }
  EXPECT_GT(known, 350);
}

INSTANTIATE_TEST_SUITE_P(Native, DefaultFilter, testing::Values(AUDIT_ARCH_X86_64));
INSTANTIATE_TEST_SUITE_P(ThirtyTwoBit, DefaultFilter, testing::Values(AUDIT_ARCH_I386));

TEST(SeccompFilter, KnowsNoCallOfForeignArchitectures) {
  const SeccompFilter filter = make_seccomp_filter({}, 0);
  for (int number = -1; number < kMostCalls; ++number) {
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, number | kX32, 0, 0}), kNoSuchCall) << number;
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_AARCH64, number, 0, 0}), kNoSuchCall) << number;
  }
}

TEST(SeccompFilter, LooksAtArgumentsAsTheKernelDoes) {
  const SeccompFilter filter = make_seccomp_filter({}, 0);
  constexpr std::uint64_t kHigh = std::uint64_t{1} << 32;
  constexpr int kIoctl = 54, kSocket = 359;  // of 32-bit x86
  for (const std::uint64_t high : {std::uint64_t{0}, kHigh, ~std::uint64_t{0} << 32}) {
    for (const auto request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}}) {
      EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, SYS_ioctl, 0, request | high}), kNotPermitted);
      EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kIoctl, 0, request | high}), kNotPermitted);
    }
    for (const auto domain : {std::uint64_t{AF_VSOCK}, std::uint64_t{AF_ALG}}) {
      EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, SYS_socket, domain | high, 0}), kNotPermitted);
      EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kSocket, domain | high, 0}), kNotPermitted);
    }
  }
  EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, SYS_ioctl, 0, TCGETS}), kAllow);
  EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kSocket, AF_INET, 0}), kAllow);
}

TEST(SeccompFilter, ASocketThatNobodyCanLookAtIsNone) {
  const SeccompFilter filter = make_seccomp_filter({}, 0);
  constexpr std::uint64_t kSocket = 1, kConnect = 3;
  EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kSocketCall, kSocket, 0}), kNotPermitted);
  EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kSocketCall, kConnect, 0}), kAllow);
}

TEST(SeccompFilter, RefusesAListByEveryNumberOfACall) {
  for (const auto base : {SeccompPolicy::Base::standard, SeccompPolicy::Base::unconfined}) {
    SeccompPolicy policy;
    policy.base = base;
    policy.deny = {"kill", "connect", "shmget"};
    const SeccompFilter filter = make_seccomp_filter(policy, 0);
    constexpr int kKill = 37, kConnect = 362, kShmget = 395, kIpc = 117;
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, SYS_kill, 0, 0}), kNotPermitted);
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, SYS_kill | kX32, 0, 0}), kNoSuchCall);
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kKill, 0, 0}), kNotPermitted);
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, SYS_connect, 0, 0}), kNotPermitted);
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kConnect, 0, 0}), kNotPermitted);
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kSocketCall, 3, 0}), kNotPermitted);
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kShmget, 0, 0}), kNotPermitted);
    for (const std::uint64_t which : {0x17U, 0x10017U}) {
      EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kIpc, which, 0}), kNotPermitted);
    }
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_I386, kIpc, 0x18, 0}), kAllow);
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, SYS_getpid, 0, 0}), kAllow);
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, SYS_bind, 0, 0}), kAllow);
  }
}

TEST(SeccompFilter, AllowsAListAndNoMore) {
  SeccompPolicy policy;
  policy.allow = {"keyctl", "bpf"};
  policy.deny = {"bpf"};
  const SeccompFilter filter = make_seccomp_filter(policy, 0);
  const SeccompFilter plain = make_seccomp_filter({}, 0);
  for (int number = 0; number < kMostCalls; ++number) {
    const Call call = {AUDIT_ARCH_X86_64, number, 0, 0};
    EXPECT_EQ(ask(filter, call), number == SYS_keyctl ? kAllow : ask(plain, call)) << number;
  }
}

TEST(SeccompFilter, ABareListIsAllThereIs) {
  SeccompPolicy policy;
  policy.base = SeccompPolicy::Base::none;
  policy.allow = {"read", "write", "exit_group"};
  const SeccompFilter filter = make_seccomp_filter(policy, 0);
  for (int number = 0; number < kMostCalls; ++number) {
    const bool listed = number == SYS_read || number == SYS_write || number == SYS_exit_group ||
                        number == SYS_execve;
    const SeccompReturn wanted = listed                 ? kAllow
                                 : number == SYS_clone3 ? kNoSuchCall
                                                        : kNotPermitted;
    EXPECT_EQ(ask(filter, {AUDIT_ARCH_X86_64, number, 0, 0}), wanted) << number;
  }
}
#endif

TEST(SeccompFilter, AnActionTakesThePlaceOfEperm) {
  const std::map<SeccompPolicy::Action, SeccompReturn> actions = {
      {SeccompPolicy::Action::errno_, SECCOMP_RET_ERRNO | EPERM},
      {SeccompPolicy::Action::kill, SECCOMP_RET_KILL_PROCESS},
      {SeccompPolicy::Action::log, SECCOMP_RET_LOG},
      {SeccompPolicy::Action::trap, SECCOMP_RET_TRAP}};
  const Call mount = {seccomp_arch_native(), SYS_mount, 0, 0};
  const Call clone3 = {seccomp_arch_native(), SYS_clone3, 0, 0};
  for (const auto& [action, wanted] : actions) {
    SeccompPolicy policy;
    policy.action = action;
    EXPECT_EQ(ask(make_seccomp_filter(policy, 0), mount), wanted);
    EXPECT_EQ(ask(make_seccomp_filter(policy, 0), clone3), kNoSuchCall) << "libc falls back";
  }
  SeccompPolicy report;
  report.report = true;
  EXPECT_EQ(ask(make_seccomp_filter(report, 0), mount), SECCOMP_RET_USER_NOTIF);
}

TEST(SeccompFilter, ACapabilityBringsItsCalls) {
  const std::uint32_t here = seccomp_arch_native();
  const auto with = [](unsigned capability) {
    return make_seccomp_filter({}, CapabilitySet{1} << capability);
  };
  EXPECT_EQ(ask(with(CAP_SYS_ADMIN), {here, SYS_mount, 0, 0}), kAllow);
  EXPECT_EQ(ask(with(CAP_SYS_ADMIN), {here, SYS_bpf, 0, 0}), kNotPermitted);
  EXPECT_EQ(ask(with(CAP_SYS_PTRACE), {here, SYS_ptrace, 0, 0}), kAllow);
  EXPECT_EQ(ask(with(CAP_NET_ADMIN), {here, SYS_mount, 0, 0}), kNotPermitted);
}

TEST(SeccompFilter, UnconfinedIsNone) {
  SeccompPolicy policy;
  policy.base = SeccompPolicy::Base::unconfined;
  EXPECT_TRUE(make_seccomp_filter(policy, 0).empty());
}

TEST(SeccompProfiles, AreReadWithTheirConditions) {
  const char* text = R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
    "syscalls": [
      {"name": "read", "action": "SCMP_ACT_ALLOW", "args": null},
      {"names": ["a"], "action": "SCMP_ACT_KILL", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["b"], "action": "SCMP_ACT_LOG", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["c"], "action": "SCMP_ACT_TRAP", "includes": {"arches": ["s390x"]}},
      {"names": ["d"], "action": "SCMP_ACT_ERRNO", "errnoRet": 71}]})";
  const SeccompProfile none = parse_seccomp_profile(text, "p", 0);
  EXPECT_EQ(none.fallback, SECCOMP_RET_ERRNO | 38U);
  EXPECT_EQ(none.architectures, (std::vector<std::string>{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"}));
  ASSERT_EQ(none.rules.size(), 3U);
  EXPECT_EQ(none.rules[1].action, static_cast<SeccompReturn>(SECCOMP_RET_LOG));
  EXPECT_EQ(none.rules[2].action, SECCOMP_RET_ERRNO | 71U);
  const SeccompProfile admin = parse_seccomp_profile(text, "p", CapabilitySet{1} << CAP_SYS_ADMIN);
  ASSERT_EQ(admin.rules.size(), 3U);
  EXPECT_EQ(admin.rules[1].action, static_cast<SeccompReturn>(SECCOMP_RET_KILL_THREAD));
}

TEST(SeccompProfiles, RefuseWhatTheyCannotKeep) {
  for (const char* text :
       {"", "[]", "{}", R"({"defaultAction": 5})", R"({"defaultAction": "SCMP_ACT_TRACE"})",
        R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{}]})"}) {
    EXPECT_THROW(parse_seccomp_profile(text, "p", 0), Error) << text;
  }
}

TEST(SystemCalls, HaveTheirNames) {
  EXPECT_TRUE(is_system_call("openat"));
  EXPECT_FALSE(is_system_call("opennat"));
  EXPECT_EQ(system_call_name(seccomp_arch_native(), SYS_kill), "kill");
  EXPECT_EQ(system_call_name(seccomp_arch_native(), 9999), "9999");
}

}  // namespace
}  // namespace netyard::test
