// SPDX-License-Identifier: Apache-2.0
#include "process/capabilities.h"

#include <sys/capability.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "base/error.h"
#include "base/suggest.h"

namespace netyard {
namespace {

// What libcap knows by name; the kernel may have more or fewer.
constexpr unsigned kMostNamed = 64;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::optional<unsigned> capability_number(const std::string& name) {
  std::string word = lower(name);
  if (!word.starts_with("cap_")) word = "cap_" + word;
  cap_value_t value = 0;
  if (cap_from_name(word.c_str(), &value) < 0) return {};
  // libcap takes numbers too.
  if (word != "cap_" + lower(capability_name(static_cast<unsigned>(value)))) return {};
  return static_cast<unsigned>(value);
}

std::string capability_name(unsigned number) {
  const std::unique_ptr<char, int (*)(void*)> name(cap_to_name(static_cast<cap_value_t>(number)),
                                                   cap_free);
  std::string out = name ? name.get() : std::to_string(number);
  if (out.starts_with("cap_")) out.erase(0, 4);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

std::vector<std::string> capability_names() {
  std::vector<std::string> out;
  for (unsigned number = 0; number < kMostNamed; ++number) {
    const std::string name = capability_name(number);
    if (std::isdigit(static_cast<unsigned char>(name.front())) != 0) break;
    out.push_back(name);
  }
  return out;
}

unsigned kernel_capabilities() {
  static const auto count = static_cast<unsigned>(cap_max_bits());
  return count;
}

CapabilitySet capability_set(const std::vector<std::string>& names) {
  CapabilitySet out = 0;
  for (const auto& name : names) {
    if (lower(name) == "all") {
      out = (CapabilitySet{1} << kernel_capabilities()) - 1;
      continue;
    }
    const auto number = capability_number(name);
    if (!number) {
      throw Error(0, "give capability", name)
          .reason("there is no such capability")
          .hint(did_you_mean(name, capability_names()));
    }
    if (*number >= kernel_capabilities()) {
      throw Error(0, "give capability", name).reason("this kernel has no such capability");
    }
    out |= CapabilitySet{1} << *number;
  }
  return out;
}

CapabilitySet own_capabilities() {
  CapabilitySet out = 0;
  const std::unique_ptr<_cap_struct, int (*)(void*)> own(cap_get_proc(), cap_free);
  for (unsigned number = 0; own && number < kernel_capabilities(); ++number) {
    cap_flag_value_t value = CAP_CLEAR;
    cap_get_flag(own.get(), static_cast<cap_value_t>(number), CAP_EFFECTIVE, &value);
    if (value == CAP_SET) out |= CapabilitySet{1} << number;
  }
  return out;
}

}  // namespace netyard
