// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/file_descriptor.h"

namespace netyard::test {

/// What a command came to.
struct Output {
  int status = 0;    // exit status, or 128 + signal
  std::string text;  // standard output and error together
};

/// Runs a line by sh(1) and waits for it.
Output run(const std::string& line);
/// `ip -j ARGUMENTS` in a named namespace ("" for the test's own), parsed.
nlohmann::json ip_json(const std::string& netns, const std::string& arguments);
/// Asks every few milliseconds until it is true; false after `seconds`.
bool eventually(const std::function<bool()>& question, double seconds = 5);

/// Puts the test process, once, into network and mount namespaces of its own, with a private /run:
/// a test can neither see nor hurt what is on the machine. A plain user gets a user namespace
/// first. Where that is refused tests are skipped and say why; with NETYARD_REQUIRE_NETNS=1 they
/// fail.
class NetnsTest : public testing::Test {
 protected:
  void SetUp() override;
  /// A fresh network namespace that nothing but the descriptor keeps.
  static FileDescriptor make_namespace();
  static void write_file(const std::string& path, const std::string& text);
};

/// All that netyard could leave behind, as lines of text.
class Traces {
 public:
  static Traces take();
  /// What is here and was not in `before`; links may take the kernel a moment to remove.
  static std::vector<std::string> new_since(const Traces& before);

 private:
  std::set<std::string> lines_;
};

/// A test that leaves nothing: compares traces before and after.
class CleanNetnsTest : public NetnsTest {
 protected:
  void SetUp() override;
  void TearDown() override;

 private:
  Traces before_;
};

}  // namespace netyard::test
