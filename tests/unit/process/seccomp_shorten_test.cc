// SPDX-License-Identifier: Apache-2.0
#include "process/seccomp_shorten.h"

#include <gtest/gtest.h>
#include <linux/audit.h>

#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/file_descriptor.h"

namespace netyard {
namespace {

constexpr std::size_t kLargest = 1 << 20;

SeccompFilter standard() {
  const std::string path = NETYARD_DEFAULT_PROFILE;
  return compile_seccomp_profile(parse_seccomp_profile(read_file(path, kLargest), path, 0));
}

std::vector<std::uint32_t> numbers() {
  constexpr std::uint32_t kMost = 1200, kX32 = 0x40000000;
  std::vector<std::uint32_t> out = {0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
  for (std::uint32_t number = 0; number < kMost; ++number) {
    out.push_back(number);
    out.push_back(kX32 + number);
  }
  return out;
}

// Whatever the program compares with, and its neighbours, in both halves.
std::vector<std::uint64_t> arguments(const SeccompFilter& filter) {
  std::set<std::uint64_t> out = {0, ~std::uint64_t{0}};
  for (std::size_t at = 0, loads = 0; at < filter.size(); ++at) {
    const bool load = filter[at].code == (BPF_LD | BPF_W | BPF_ABS);
    if (load) loads = filter[at].k >= offsetof(seccomp_data, args) ? 24 : 0;
    if (load || loads == 0) continue;
    --loads;
    for (const std::uint64_t value : {filter[at].k - 1, filter[at].k, filter[at].k + 1}) {
      out.insert({value, value << 32, value << 32 | value});
    }
  }
  return {out.begin(), out.end()};
}

void expect_alike(const SeccompFilter& before, const SeccompFilter& after) {
  const auto values = arguments(before);
  for (const std::uint32_t arch : {std::uint32_t{AUDIT_ARCH_X86_64}, std::uint32_t{AUDIT_ARCH_I386},
                                   std::uint32_t{AUDIT_ARCH_AARCH64}, 0U, ~0U}) {
    for (const std::uint32_t number : numbers()) {
      seccomp_data data{};
      data.arch = arch;
      data.nr = static_cast<int>(number);
      for (const std::uint64_t value : values) {
        for (auto& argument : data.args) argument = value;
        ASSERT_EQ(decide(before, data), decide(after, data))
            << std::hex << arch << " " << number << " " << value;
      }
    }
  }
}

TEST(SeccompShortenTest, TheStandardProfileDecidesTheSame) {
  const SeccompFilter before = standard(), after = shorten(before);
  EXPECT_LT(after.size(), before.size() / 2);
  expect_alike(before, after);
}

TEST(SeccompShortenTest, RandomProfilesDecideTheSame) {
  std::mt19937 random(1);
  const auto names = system_call_names();
  for (int round = 0; round < 2; ++round) {
    SeccompProfile profile;
    profile.fallback = SECCOMP_RET_ERRNO | 1;
    profile.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"};
    for (unsigned i = 0; i < 30; ++i) {
      SeccompProfile::Rule rule;
      rule.names = {names[random() % names.size()]};
      rule.action = random() % 2 == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_LOG;
      static constexpr const char* kOps[] = {"SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_MASKED_EQ"};
      if (i % 6 == 0)
        rule.arguments = {
            {static_cast<unsigned>(i) % 3, kOps[i / 6 % 3], random() % 1000, random() % 8}};
      profile.rules.push_back(rule);
    }
    const SeccompFilter before = compile_seccomp_profile(profile);
    expect_alike(before, shorten(before));
  }
}

TEST(SeccompShortenTest, WhatItDoesNotKnowStaysAsItIs) {
  const SeccompFilter counts = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
                                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 60, 0, 1),
                                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};
  const SeccompFilter after = shorten(counts);
  ASSERT_EQ(after.size(), counts.size());
  EXPECT_EQ(after[1].code, counts[1].code);
}

}  // namespace
}  // namespace netyard
