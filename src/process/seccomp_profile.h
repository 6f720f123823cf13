// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <string>
#include <vector>

#include "process/capabilities.h"

namespace netyard {

/// A BPF program for seccomp(2).
using SeccompFilter = std::vector<sock_filter>;

/// What the kernel does with a call, as SECCOMP_RET_*.
using SeccompReturn = std::uint32_t;

/// Rules as OCI profiles have them: the first action that matches, else the fallback.
struct SeccompProfile {
  struct Argument {
    unsigned index = 0;
    std::string op;  // "SCMP_CMP_EQ", …
    std::uint64_t value = 0, second = 0;
  };
  struct Rule {
    std::vector<std::string> names;
    SeccompReturn action = 0;
    std::vector<Argument> arguments;
  };
  SeccompReturn fallback = 0;
  std::vector<std::string> architectures;  // "SCMP_ARCH_X86_64"; empty: the native one
  std::vector<Rule> rules;
};

/// Reads an OCI profile, or one of moby's with `includes`/`excludes` by capability and
/// architecture. Throws Error naming `path` for anything it cannot read, actions included.
SeccompProfile parse_seccomp_profile(const std::string& text, const std::string& path,
                                     CapabilitySet capabilities);

/// The profile as a program, by libseccomp. System calls that it does not know are left out.
/// Throws Error.
SeccompFilter compile_seccomp_profile(const SeccompProfile& profile);

/// True for a name that libseccomp knows on any architecture.
bool is_system_call(const std::string& name);
/// Every name of the native architecture, for hints.
std::vector<std::string> system_call_names();
/// "kill" for 62; the number as text when nothing is known of it.
std::string system_call_name(std::uint32_t audit_architecture, int number);

}  // namespace netyard
