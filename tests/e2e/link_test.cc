// SPDX-License-Identifier: Apache-2.0
// netyard link: what it changes is changed, shows as drift, and goes back.
#include <fmt/format.h>

#include "e2e/program.h"
#include "e2e/traffic.h"

namespace netyard::test {
namespace {

using nlohmann::json;

constexpr const char* kLab = R"(name: w
nodes: {a: {}, r: {kind: router}, b: {}}
links:
  - {endpoints: [a:eth0, r:eth0], subnet: 10.0.1.0/24, rate: 20mbit}
  - {endpoints: [r:eth1, b:eth0], subnet: [10.0.2.0/24, "2001:db8:2::/64"]}
routing: static
)";

class LinkTest : public CleanNetnsTest {
 protected:
  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    file_.emplace(kLab);
    const Output up = netyard("up " + file_->path());
    ASSERT_EQ(up.status, 0) << up.text;
  }
  void TearDown() override {
    if (file_) {
      EXPECT_EQ(netyard("down w").status, 0);
    }
    file_.reset();
    CleanNetnsTest::TearDown();
  }

  static json show(const std::string& end) {
    const Output out = netyard("link " + end + " show --json");
    EXPECT_EQ(out.status, 0) << out.text;
    return json::parse(out.text)["links"];
  }
  static json drift_of(const std::string& node, const std::string& interface) {
    const json status = json::parse(netyard("status w --json").text);
    for (const auto& one : status["nodes"]) {
      if (one["name"] != node) continue;
      for (const auto& link : one["interfaces"]) {
        if (link["name"] != interface) continue;
        json drift = link["drift"];
        for (auto& difference : drift) difference.erase("since");
        return drift;
      }
    }
    return {};
  }
  static json tc(const std::string& node, const std::string& interface) {
    return json::parse(run(fmt::format("tc -n w.{} -j qdisc show dev {}", node, interface)).text);
  }

  std::optional<LabFile> file_;
};

TEST_F(LinkTest, SetChangesOneEndAndShowsAsDrift) {
  EXPECT_TRUE(drift_of("a", "eth0").empty());
  const Output set = netyard("link a:eth0 set rate=5mbit");
  EXPECT_EQ(set.status, 0) << set.text;
  EXPECT_EQ(set.text, "a:eth0: rate=5mbit\n");
  EXPECT_EQ(tc("a", "eth0")[0]["options"]["rate"], 625000);
  EXPECT_EQ(tc("r", "eth0")[0]["options"]["rate"], 2500000) << "the other way is left alone";
  EXPECT_EQ(drift_of("a", "eth0"),
            json::parse(R"([{"what": "rate", "file": "20mbit", "now": "5mbit"}])"));
  const std::string text = netyard("status w").text;
  EXPECT_NE(text.find("a:eth0              rate  20mbit  5mbit"), std::string::npos) << text;
  EXPECT_EQ(netyard("link a:eth0 reset").text, "a:eth0: rate=20mbit\n");
  EXPECT_TRUE(drift_of("a", "eth0").empty());
  EXPECT_EQ(tc("a", "eth0")[0]["options"]["rate"], 2500000);
}

TEST_F(LinkTest, BothSetsTheOtherEndToo) {
  EXPECT_EQ(netyard("link a:eth0 set rate=5mbit --both").text,
            "a:eth0: rate=5mbit\nr:eth0: rate=5mbit\n");
  EXPECT_EQ(tc("r", "eth0")[0]["options"]["rate"], 625000);
}

TEST_F(LinkTest, UnmentionedWordsStayAndNoneTakesOneBack) {
  EXPECT_EQ(netyard("link a:eth0 set burst=20000").text, "a:eth0: rate=20mbit burst=20000\n");
  EXPECT_EQ(netyard("link a:eth0 set rate=10mbit").text, "a:eth0: burst=20000 rate=10mbit\n");
  EXPECT_EQ(netyard("link a:eth0 set burst=none").text, "a:eth0: rate=10mbit\n");
  EXPECT_EQ(netyard("link a:eth0 set rate=0").text, "a:eth0: no impairments\n");
  EXPECT_EQ(tc("a", "eth0")[0]["kind"], "noqueue");
  EXPECT_EQ(drift_of("a", "eth0"),
            json::parse(R"([{"what": "rate", "file": "20mbit", "now": "none"}])"));
}

TEST_F(LinkTest, AnUnshapedEndGetsWhatItDidNotHave) {
  EXPECT_EQ(netyard("link b:eth0 set rate=3mbit").status, 0);
  EXPECT_EQ(tc("b", "eth0")[0]["kind"], "tbf");
  EXPECT_EQ(netyard("link reset").status, 0);
  EXPECT_EQ(tc("b", "eth0")[0]["kind"], "noqueue");
}

TEST_F(LinkTest, WhatTcDidIsDriftAndGoesBack) {
  ASSERT_EQ(run("tc -n w.a qdisc replace dev eth0 root handle 5: pfifo limit 7").status, 0);
  EXPECT_EQ(drift_of("a", "eth0"),
            json::parse(R"([{"what": "qdisc", "file": "tbf", "now": "pfifo"}])"));
  EXPECT_EQ(netyard("link a:eth0 set rate=1mbit").status, 1);
  EXPECT_EQ(netyard("link a:eth0 reset").status, 0);
  EXPECT_TRUE(drift_of("a", "eth0").empty());
}

TEST_F(LinkTest, DownInTheFileIsNoDrift) {
  const LabFile file(
      "name: d\nnodes: {a: {interfaces: {eth0: {up: false}}}, b: {}}\nlinks:\n"
      "- {endpoints: [a:eth0, b:eth0]}\n",
      "/run/down.yaml");
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  const auto differs = [] {
    return netyard("status d").text.find("NOT AS IN") != std::string::npos;
  };
  EXPECT_FALSE(differs());
  EXPECT_EQ(netyard("link d/a:eth0 up").status, 0);
  EXPECT_TRUE(differs());
  const json status = json::parse(netyard("status d --json").text);
  EXPECT_GE(status["settled"], status["created"]);
  EXPECT_GE(status["nodes"][0]["interfaces"][1]["drift"][0]["since"], status["settled"]);
  EXPECT_EQ(netyard("link d/a:eth0 reset").status, 0);
  EXPECT_FALSE(differs());
  EXPECT_EQ(ip_json("d.a", "link show eth0")[0]["operstate"], "DOWN");
  EXPECT_EQ(netyard("down d").status, 0);
}

TEST_F(LinkTest, BadWordsAreRefusedAsInAFile) {
  struct {
    const char* words;
    const char* sentence;
    int status;
  } const kCases[] = {
      {"rat=1mbit", "unknown key 'rat'", 2},
      {"rate=fast", "'fast' is not right for rate: expected a rate from", 2},
      {"loss=120%", "'120%' is not right for loss", 2},
      {"rate", "expected KEY=VALUE", 2},
      {"reorder=5%", "'reorder' without 'delay' does nothing", 1},
      {"burst=100", "burst 100 is smaller than a packet of 1514 bytes", 1},
  };
  for (const auto& [words, sentence, status] : kCases) {
    const Output out = netyard(std::string("link a:eth0 set ") + words);
    EXPECT_EQ(out.status, status) << out.text;
    EXPECT_NE(out.text.find(sentence), std::string::npos) << out.text;
  }
  EXPECT_EQ(netyard("link a:eth1 show").status, 1);
  EXPECT_NE(netyard("link a:eth1 show").text.find("did you mean 'a:eth0'"), std::string::npos);
  EXPECT_EQ(netyard("link set rate=1mbit").status, 2);
  EXPECT_EQ(netyard("link a:eth0 break").status, 2);
  EXPECT_TRUE(drift_of("a", "eth0").empty());
}

TEST_F(LinkTest, ShowCounts) {
  ASSERT_EQ(netyard("exec a -- ping -n -c 2 -i 0.2 10.0.2.2").status, 0);
  const json ends = show("a:eth0");
  ASSERT_EQ(ends.size(), 2U) << "both ends";
  EXPECT_EQ(ends[0]["link"], "a:eth0");
  EXPECT_EQ(ends[1]["link"], "r:eth0");
  EXPECT_EQ(ends[0]["impairments"]["rate"], "20mbit");
  EXPECT_GE(ends[0]["tx"]["packets"].get<int>(), 2);
  EXPECT_GE(ends[0]["qdiscs"][0]["packets"].get<int>(), 2);
  EXPECT_EQ(ends[0]["qdiscs"][0]["dropped"], 0);
  EXPECT_EQ(show("").size(), 4U) << "all of the lab";
}

TEST_F(LinkTest, AConnectionLivesThroughChanges) {
  Stream stream("w.a", "w.b", "10.0.2.2");
  ASSERT_TRUE(stream.ready());
  EXPECT_GT(stream.pump(1), 100'000U);
  for (const char* action : {"set rate=5mbit", "set rate=none", "set rate=2mbit", "reset"}) {
    ASSERT_EQ(netyard(std::string("link a:eth0 ") + action).status, 0) << action;
    stream.pump(0.5);
    EXPECT_GT(stream.pump(0.5), 20'000U) << action;
  }
}

TEST_F(LinkTest, DownAndUp) {
  EXPECT_EQ(netyard("link r:eth1 down").text, "r:eth1: down\n");
  EXPECT_EQ(drift_of("r", "eth1"),
            json::parse(R"([{"what": "state", "file": "up", "now": "down"}])"));
  EXPECT_NE(netyard("exec a -- ping -n -c 1 -W 1 10.0.2.2").status, 0);
  EXPECT_EQ(netyard("link r:eth1 up").text, "r:eth1: up\n");
  EXPECT_TRUE(drift_of("r", "eth1").empty());
  EXPECT_EQ(netyard("exec a -- ping -n -c 1 -W 5 10.0.2.2").status, 0);
  EXPECT_EQ(netyard("link b:eth0 down").status, 0);
  EXPECT_EQ(netyard("link b:eth0 up").status, 0);
  EXPECT_EQ(netyard("exec b -- ping -n -c 1 -W 5 10.0.1.1").status, 0)
      << "the default route is back";
  EXPECT_EQ(netyard("exec b -- ping -n -c 1 -W 5 2001:db8:2::1").status, 0) << "and the address";
}

TEST_F(LinkTest, ReplayDeliversWhatTheTraceDoes) {
  // 4 packets each 10 ms, then for as long none: 2.4 Mbit/s in all, in 400 ms.
  std::string trace;
  for (int time = 10; time <= 200; time += 10) {
    for (int i = 0; i < 4; ++i) trace += std::to_string(time) + "\n";
  }
  const LabFile file(trace + "400\n", "/run/trace");
  Datagrams flow("w.a", "w.b", "10.0.2.2");
  ASSERT_TRUE(flow.ready());
  ASSERT_EQ(run(NETYARD_PROGRAM " link a:eth0 replay /run/trace --window 50ms >/run/replay 2>&1 &"
                                " echo $! >/run/replay.pid")
                .status,
            0);
  ASSERT_TRUE(eventually(
      [] { return run("tc -n w.a qdisc show dev eth0").text.find("7fff:") != std::string::npos; }));
  const double wanted = (80 + 1) * 1504 * 8 / 0.4;
  EXPECT_NEAR(flow.measure_rate(4), wanted, wanted * 0.1);
  EXPECT_EQ(run("kill -TERM $(cat /run/replay.pid)").status, 0);
  ASSERT_TRUE(eventually([] { return run("kill -0 $(cat /run/replay.pid)").status != 0; }));
  EXPECT_TRUE(drift_of("a", "eth0").empty());
  run("rm -f /run/replay /run/replay.pid");
}

}  // namespace
}  // namespace netyard::test
