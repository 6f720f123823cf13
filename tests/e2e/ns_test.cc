// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "e2e/program.h"

namespace netyard::test {
namespace {

using NsTest = CleanNetnsTest;

TEST_F(NsTest, WorksHandInHandWithIp) {
  EXPECT_EQ(netyard("ns add x").status, 0);
  EXPECT_NE(run("ip netns list").text.find("x"), std::string::npos);
  EXPECT_NE(ip_json("x", "link show lo")[0]["flags"].dump().find("\"UP\""), std::string::npos);
  EXPECT_EQ(netyard("ns add x").status, 1);
  EXPECT_EQ(run("ip netns add y").status, 0);
  const auto list = nlohmann::json::parse(netyard("ns ls --json").text)["namespaces"];
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[1]["name"], "y");
  EXPECT_EQ(netyard("ns del y").status, 0);
  EXPECT_EQ(netyard("ns del x").status, 0);
  EXPECT_EQ(netyard("ns del x").status, 1);
  EXPECT_EQ(netyard("ns ls").text, "");
}

TEST_F(NsTest, ShowsTheSameIdAsIp) {
  ASSERT_EQ(netyard("ns add x").status, 0);
  ASSERT_EQ(run("ip netns set x 42").status, 0);
  EXPECT_EQ(nlohmann::json::parse(netyard("ns ls --json").text)["namespaces"][0]["id"], 42);
  ASSERT_EQ(netyard("ns del x").status, 0);
}

TEST_F(NsTest, FindsProcessesAndNames) {
  ASSERT_EQ(netyard("ns add x").status, 0);
  const Output out = run(fmt::format(
      "{0} ns exec x sleep 60 & pid=$!; while ! ip netns pids x | grep -q $pid; do sleep 0.01; "
      "done; "
      "{0} ns pids x; {0} ns id $pid; {0} ns attach copy $pid; kill $pid; wait $pid; echo $pid",
      NETYARD_PROGRAM));
  const std::string pid = out.text.substr(0, out.text.find('\n'));
  EXPECT_EQ(out.text.substr(0, pid.size() + 3), pid + "\nx\n");
  EXPECT_EQ(run("stat -L -c %i /run/netns/x /run/netns/copy | sort -u | wc -l").text, "1\n");
  EXPECT_EQ(netyard("ns id").text, "");
  EXPECT_EQ(netyard("ns del x").status, 0);
  EXPECT_EQ(netyard("ns del copy").status, 0);
  EXPECT_EQ(netyard("ns attach x 999999999").status, 1);
}

TEST_F(NsTest, ExecSeesTheFilesOfItsName) {
  ASSERT_EQ(netyard("ns add x").status, 0);
  ASSERT_EQ(
      run("mkdir -p /etc/netns/x && echo 'nameserver 192.0.2.53' > /etc/netns/x/resolv.conf && "
          "touch /etc/resolv.conf 2>/dev/null; true")
          .status,
      0);
  const std::string outside = run("cat /etc/resolv.conf").text;
  EXPECT_EQ(netyard("ns exec x cat /etc/resolv.conf").text, "nameserver 192.0.2.53\n");
  EXPECT_EQ(run("cat /etc/resolv.conf").text, outside);
  EXPECT_EQ(netyard("ns exec x ls /sys/class/net").text, "lo\n");
  run("rm -r /etc/netns/x; rmdir /etc/netns");
  ASSERT_EQ(netyard("ns del x").status, 0);
}

TEST_F(NsTest, MarksStaleFilesAndPrunesThem) {
  ASSERT_EQ(netyard("ns add x").status, 0);
  ASSERT_EQ(run("install -m 0 /dev/null /run/netns/stale").status, 0);
  EXPECT_NE(netyard("ns ls").text.find("stale: no namespace"), std::string::npos);
  EXPECT_TRUE(eventually([] { return netyard("ns prune").text == "removed stale stale\n"; }));
  EXPECT_EQ(run("ls /run/netns").text, "x\n");
  ASSERT_EQ(netyard("ns del x").status, 0);
}

}  // namespace
}  // namespace netyard::test
