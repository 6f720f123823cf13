// SPDX-License-Identifier: Apache-2.0
// Bad input gets a clear error and changes nothing.
#include <fmt/format.h>

#include <chrono>

#include "e2e/program.h"

namespace netyard::test {
namespace {

using BadInputTest = CleanNetnsTest;

TEST_F(BadInputTest, WrongUsageIsStatus2) {
  for (const char* arguments :
       {"", "nonsense", "up --nonsense", "up --set x", "ns", "ns add", "ns attach x -1", "exec"}) {
    EXPECT_EQ(netyard(arguments).status, 2) << arguments;
  }
  EXPECT_EQ(netyard("--help").status, 0);
  EXPECT_EQ(netyard("up --help").status, 0);
}

TEST_F(BadInputTest, FilesThatCannotBeRead) {
  const Output missing = netyard("up /run/nowhere.yaml");
  EXPECT_EQ(missing.status, 3);
  EXPECT_EQ(missing.text, "netyard: open /run/nowhere.yaml: No such file or directory\n");
  const Output directory = netyard("up /run");
  EXPECT_EQ(directory.status, 3);
  EXPECT_EQ(directory.text, "netyard: read /run: Is a directory\n");
  EXPECT_EQ(netyard("check /run").status, 3);
  EXPECT_EQ(run("cd /run && " NETYARD_PROGRAM " up").status, 3);
  ASSERT_EQ(run("mkfifo /run/fifo").status, 0);
  EXPECT_EQ(netyard("check /run/fifo").status, 3);
  run("rm /run/fifo");
}

TEST_F(BadInputTest, EveryMistakeAtOnce) {
  const LabFile file(
      "name: x\nnodes:\n  a: {knid: host}\n  a/b: {}\nlinks:\n"
      "  - {endpoints: [a:eth0123456789abc, c:eth0], mtuu: 1500}\n");
  const Output check = netyard("check " + file.path());
  EXPECT_EQ(check.status, 3);
  EXPECT_EQ(
      check.text,
      "/run/lab.yaml:3:7: error: unknown key 'knid'\n"
      "   3 |   a: {knid: host}\n"
      "     |       ^\n"
      "    hint: did you mean 'kind'?\n"
      "/run/lab.yaml:4:3: error: 'a/b' is no name of a node: only letters, digits, '_' and '-' are "
      "allowed\n"
      "   4 |   a/b: {}\n"
      "     |   ^\n"
      "/run/lab.yaml:6:18: error: interface name 'eth0123456789abc' has 16 bytes; the kernel takes "
      "at "
      "most 15\n"
      "   6 |   - {endpoints: [a:eth0123456789abc, c:eth0], mtuu: 1500}\n"
      "     |                  ^\n"
      "/run/lab.yaml:6:47: error: unknown key 'mtuu'\n"
      "   6 |   - {endpoints: [a:eth0123456789abc, c:eth0], mtuu: 1500}\n"
      "     |                                               ^\n"
      "    hint: did you mean 'mtu'?\n"
      "4 errors\n");
  const auto json = nlohmann::json::parse(netyard("check --json " + file.path()).text);
  EXPECT_FALSE(json["files"][0]["valid"]);
  EXPECT_EQ(json["files"][0]["diagnostics"].size(), 4U);
  EXPECT_EQ(netyard("up " + file.path()).status, 3);
}

TEST_F(BadInputTest, HostileFilesAreRefusedQuickly) {
  const auto start = std::chrono::steady_clock::now();
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 40; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  for (const auto& text :
       {std::string(100 << 20, '['), bomb, "nodes: {a: &x [*x]}\n" + std::string(1, '\0'),
        std::string("nodes: {a: \"\\0\"}\n"), std::string("\xff\xfe\x00")}) {
    const LabFile file(text);
    const Output check = netyard("check " + file.path());
    EXPECT_EQ(check.status, 3) << check.text;
    EXPECT_LT(check.text.size(), 2000U);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

}  // namespace
}  // namespace netyard::test
