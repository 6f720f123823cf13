// SPDX-License-Identifier: Apache-2.0
#include "process/seccomp_profile.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace netyard {
namespace {

using nlohmann::json;

constexpr std::uint32_t kDataMask = 0xffff;

struct ActionWord {
  const char* word;
  SeccompReturn kernel;
};
constexpr std::array kActions = {
    ActionWord{"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
    ActionWord{"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
    ActionWord{"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
    ActionWord{"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
    ActionWord{"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO},
    ActionWord{"SCMP_ACT_LOG", SECCOMP_RET_LOG},
    ActionWord{"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW},
};

constexpr std::array kComparisons = {
    std::pair{"SCMP_CMP_NE", SCMP_CMP_NE},
    std::pair{"SCMP_CMP_LT", SCMP_CMP_LT},
    std::pair{"SCMP_CMP_LE", SCMP_CMP_LE},
    std::pair{"SCMP_CMP_EQ", SCMP_CMP_EQ},
    std::pair{"SCMP_CMP_GE", SCMP_CMP_GE},
    std::pair{"SCMP_CMP_GT", SCMP_CMP_GT},
    std::pair{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
};

struct Architecture {
  const char* word;       // of a profile
  std::uint32_t number;   // SCMP_ARCH_*
  const char* moby_word;  // of includes.arches
};
// Those whose calls the native kernel takes.
#if defined(__x86_64__)
constexpr std::array kArchitectures = {
    Architecture{"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, "amd64"},
    Architecture{"SCMP_ARCH_X86", SCMP_ARCH_X86, "x86"},
    Architecture{"SCMP_ARCH_X32", SCMP_ARCH_X32, "x32"},
};
#else
constexpr std::array kArchitectures = {
    Architecture{"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, "arm64"},
    Architecture{"SCMP_ARCH_ARM", SCMP_ARCH_ARM, "arm"},
};
#endif

class ProfileReader {
 public:
  ProfileReader(const std::string& path, CapabilitySet capabilities)
      : path_(path), capabilities_(capabilities) {}

  SeccompProfile read(const json& body) {
    SeccompProfile out;
    out.fallback = action(body, "defaultAction", "defaultErrnoRet");
    add_architectures(body, out);
    for (const auto& rule : body.value("syscalls", json::array())) {
      if (applies(rule)) out.rules.push_back(read_rule(rule));
    }
    return out;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(0, "read seccomp profile", path_).reason(why);
  }

  SeccompReturn action(const json& body, const char* key, const char* errno_key) const {
    if (!body.contains(key)) refuse(std::string("it has no ") + key);
    const std::string word = body.at(key).get<std::string>();
    for (const auto& known : kActions) {
      if (word != known.word) continue;
      if (known.kernel != SECCOMP_RET_ERRNO) return known.kernel;
      return known.kernel | (body.value(errno_key, unsigned{EPERM}) & kDataMask);
    }
    refuse("action " + word + " is not one of kill, trap, errno, log, allow");
  }

  static void add_architectures(const json& body, SeccompProfile& out) {
    for (const auto& one : body.value("architectures", json::array())) {
      out.architectures.push_back(one.get<std::string>());
    }
    for (const auto& one : body.value("archMap", json::array())) {
      out.architectures.push_back(one.at("architecture").get<std::string>());
      for (const auto& sub : one.value("subArchitectures", json::array())) {
        out.architectures.push_back(sub.get<std::string>());
      }
    }
  }

  bool has_any_capability(const json& names) const {
    return std::any_of(names.begin(), names.end(), [this](const json& name) {
      const auto number = capability_number(name.get<std::string>());
      return number && (capabilities_ >> *number & 1) != 0;
    });
  }

  static bool has_architecture(const json& words) {
    return std::any_of(words.begin(), words.end(), [](const json& word) {
      return word.get<std::string>() == kArchitectures.front().moby_word;
    });
  }

  // moby's conditions: capabilities, architectures; kernel versions are taken for met.
  bool applies(const json& rule) const {
    const json includes = rule.value("includes", json::object());
    const json excludes = rule.value("excludes", json::object());
    const json none = json::array();
    const json caps = includes.value("caps", none);
    if (!caps.empty() && !has_any_capability(caps)) return false;
    if (has_any_capability(excludes.value("caps", none))) return false;
    const json arches = includes.value("arches", none);
    if (!arches.empty() && !has_architecture(arches)) return false;
    return !has_architecture(excludes.value("arches", none));
  }

  SeccompProfile::Rule read_rule(const json& rule) const {
    SeccompProfile::Rule out;
    out.action = action(rule, "action", "errnoRet");
    if (rule.contains("name")) out.names.push_back(rule.at("name").get<std::string>());
    for (const auto& name : rule.value("names", json::array())) {
      out.names.push_back(name.get<std::string>());
    }
    const json arguments = rule.value("args", json());
    for (const auto& argument : arguments.is_array() ? arguments : json::array()) {
      out.arguments.push_back({argument.at("index").get<unsigned>(),
                               argument.at("op").get<std::string>(),
                               argument.at("value").get<std::uint64_t>(),
                               argument.value("valueTwo", std::uint64_t{0})});
    }
    return out;
  }

  std::string path_;
  CapabilitySet capabilities_;
};

std::uint32_t to_libseccomp(SeccompReturn action) {
  if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO) {
    return SCMP_ACT_ERRNO(action & kDataMask);
  }
  if (action == SECCOMP_RET_TRAP) return SCMP_ACT_TRAP;
  return action;  // libseccomp's own numbers for the rest are the kernel's
}

scmp_arg_cmp comparison(const SeccompProfile::Argument& argument) {
  for (const auto& [word, op] : kComparisons) {
    if (argument.op == word) return {argument.index, op, argument.value, argument.second};
  }
  throw Error(0, "compile seccomp profile", argument.op).reason("it is no comparison");
}

class Compiler {
 public:
  explicit Compiler(const SeccompProfile& profile)
      : fallback_(to_libseccomp(profile.fallback)),
        context_(seccomp_init(fallback_), seccomp_release) {
    if (!context_) throw Error(EINVAL, "compile", "seccomp profile");
    // A binary tree rather than a list: what counts is how long the way to a decision is.
    seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    // Calls of an architecture that has no rules, x32 for one: as unknown ones.
    check(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)),
          "foreign architectures");
    add_architectures(profile);
    for (const auto& rule : profile.rules) add_rule(rule);
  }

  SeccompFilter take() {
    const FileDescriptor file(memfd_create("seccomp", MFD_CLOEXEC));
    if (!file) throw system_error("make", "memory file");
    check(seccomp_export_bpf(context_.get(), file.get()), "export");
    const off_t size = lseek(file.get(), 0, SEEK_END);
    SeccompFilter out(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (pread(file.get(), out.data(), static_cast<std::size_t>(size), 0) != size) {
      throw system_error("read", "seccomp program");
    }
    return out;
  }

 private:
  static void check(int result, const std::string& what) {
    if (result < 0) throw Error(-result, "compile seccomp profile", what);
  }

  void add_architectures(const SeccompProfile& profile) {
    for (const auto& word : profile.architectures) {
      for (const auto& known : kArchitectures) {
        if (word != known.word) continue;
        const int result = seccomp_arch_add(context_.get(), known.number);
        if (result != -EEXIST) check(result, word);
      }
    }
  }

  void add_rule(const SeccompProfile::Rule& rule) {
    const std::uint32_t action = to_libseccomp(rule.action);
    if (action == fallback_) return;
    std::vector<scmp_arg_cmp> arguments;
    arguments.reserve(rule.arguments.size());
    for (const auto& argument : rule.arguments) arguments.push_back(comparison(argument));
    for (const auto& name : rule.names) {
      const int number = seccomp_syscall_resolve_name(name.c_str());
      if (number == __NR_SCMP_ERROR) continue;
      const int result =
          seccomp_rule_add_array(context_.get(), action, number,
                                 static_cast<unsigned>(arguments.size()), arguments.data());
      // Two rules for one call: the first stays.
      if (result != -EEXIST) check(result, name);
    }
  }

  std::uint32_t fallback_;
  std::unique_ptr<void, void (*)(void*)> context_;
};

}  // namespace

SeccompProfile parse_seccomp_profile(const std::string& text, const std::string& path,
                                     CapabilitySet capabilities) {
  try {
    return ProfileReader(path, capabilities).read(json::parse(text));
  } catch (const json::exception& broken) {
    throw Error(0, "read seccomp profile", path)
        .reason(broken.what())
        .hint("an OCI profile is JSON with defaultAction and syscalls");
  }
}

SeccompFilter compile_seccomp_profile(const SeccompProfile& profile) {
  return Compiler(profile).take();
}

bool is_system_call(const std::string& name) {
  return seccomp_syscall_resolve_name(name.c_str()) != __NR_SCMP_ERROR;
}

std::vector<std::string> system_call_names() {
  constexpr int kMost = 600;
  std::vector<std::string> out;
  for (int number = 0; number < kMost; ++number) {
    const std::unique_ptr<char, void (*)(void*)> name(
        seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number), free);
    if (name) out.emplace_back(name.get());
  }
  return out;
}

std::string system_call_name(std::uint32_t audit_architecture, int number) {
  const std::unique_ptr<char, void (*)(void*)> name(
      seccomp_syscall_resolve_num_arch(audit_architecture, number), free);
  return name ? name.get() : std::to_string(number);
}

}  // namespace netyard
