// SPDX-License-Identifier: Apache-2.0
// Impairments are measured, not only set.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "e2e/program.h"
#include "e2e/traffic.h"

namespace netyard::test {
namespace {

using nlohmann::json;

bool kernel_has(const std::string& qdisc) {
  const json listed = json::parse(netyard("impairments --json").text);
  for (const auto& kind : listed["qdiscs"]) {
    if (kind["kind"] == qdisc) return kind["available"].get<bool>();
  }
  return false;
}

#define REQUIRE_QDISC(name) \
  if (!kernel_has(name)) GTEST_SKIP() << "this kernel has no " << (name)

std::string two_hosts(const std::string& keys) {
  return fmt::format(
      "name: w\nnodes: {{a: {{}}, b: {{}}}}\nlinks:\n"
      "  - {{endpoints: [a:eth0, b:eth0], subnet: 10.0.0.0/24, {}}}\n",
      keys);
}

/// A lab of two hosts, up for as long as it lives.
class TwoHosts {
 public:
  explicit TwoHosts(const std::string& keys) : file_(two_hosts(keys)) {
    const Output up = netyard("up " + file_.path());
    EXPECT_EQ(up.status, 0) << up.text;
  }
  TwoHosts(const TwoHosts&) = delete;
  TwoHosts& operator=(const TwoHosts&) = delete;
  ~TwoHosts() { EXPECT_EQ(netyard("down w").status, 0); }

 private:
  LabFile file_;
};

class ImpairmentsTest : public CleanNetnsTest {};

void expect_near(double measured, double wanted, double part) {
  EXPECT_NEAR(measured, wanted, wanted * part) << measured / wanted;
}

struct RateCase {
  const char* keys;
  double rate;
  double seconds;
};

TEST_F(ImpairmentsTest, TokenBucketsKeepTheirRate) {
  for (const auto& [keys, rate, seconds] :
       {RateCase{"rate: 1mbit", 1e6, 3}, {"rate: 10mbit", 1e7, 3}, {"rate: 100mbit", 1e8, 3}}) {
    SCOPED_TRACE(keys);
    const TwoHosts lab(keys);
    Datagrams flow("w.a", "w.b", "10.0.0.2");
    ASSERT_TRUE(flow.ready());
    expect_near(flow.measure_rate(seconds), rate, 0.05);
  }
}

TEST_F(ImpairmentsTest, AClassOfHtbKeepsItsCeiling) {
  for (const auto& [rate, bits] : {std::pair{"1mbit", 1e6}, {"10mbit", 1e7}, {"100mbit", 1e8}}) {
    SCOPED_TRACE(rate);
    const TwoHosts lab(fmt::format(
        "from: {{a: {{qdisc: {{kind: htb, default: 10, classes: {{10: {{rate: {}}}}}}}}}}}", rate));
    Datagrams flow("w.a", "w.b", "10.0.0.2");
    ASSERT_TRUE(flow.ready());
    expect_near(flow.measure_rate(3), bits, 0.05);
  }
}

TEST_F(ImpairmentsTest, NetemKeepsItsRate) {
  REQUIRE_QDISC("netem");
  for (const auto& [rate, bits] : {std::pair{"1mbit", 1e6}, {"10mbit", 1e7}}) {
    SCOPED_TRACE(rate);
    const TwoHosts lab(fmt::format("delay: 1ms, rate: {}", rate));
    Datagrams flow("w.a", "w.b", "10.0.0.2");
    ASSERT_TRUE(flow.ready());
    expect_near(flow.measure_rate(3), bits, 0.05);
  }
}

TEST_F(ImpairmentsTest, DelayIsOfTheSendingEnd) {
  REQUIRE_QDISC("netem");
  const TwoHosts lab("delay: 20ms, from: {a: {delay: 50ms}}");
  Datagrams there("w.a", "w.b", "10.0.0.2");
  Datagrams back("w.b", "w.a", "10.0.0.1");
  const auto out = there.measure_delays(21);
  const auto home = back.measure_delays(21);
  ASSERT_EQ(out.size(), 21U);
  ASSERT_EQ(home.size(), 21U);
  EXPECT_NEAR(out[10], 0.050, 0.0025 + 0.001);
  EXPECT_NEAR(home[10], 0.020, 0.001 + 0.001);
}

TEST_F(ImpairmentsTest, JitterVariesTheDelay) {
  REQUIRE_QDISC("netem");
  const TwoHosts lab("delay: 30ms, jitter: 5ms, distribution: normal");
  Datagrams flow("w.a", "w.b", "10.0.0.2");
  const auto delays = flow.measure_delays(80);
  ASSERT_EQ(delays.size(), 80U);
  EXPECT_NEAR(delays[40], 0.030, 0.003);
  // Between the quartiles of a normal distribution are 1.35 standard deviations.
  EXPECT_NEAR((delays[60] - delays[20]) / 1.35, 0.005, 0.002);
}

// Within 3 standard deviations.
void expect_share(std::size_t count, std::size_t of, double share) {
  const auto n = static_cast<double>(of);
  EXPECT_NEAR(static_cast<double>(count), n * share, 3 * std::sqrt(n * share * (1 - share)));
}

std::size_t deliver(Datagrams& flow, std::size_t number) {
  // A lost question for the neighbour would lose all that waits for the answer.
  flow.warm_up();
  std::size_t got = 0;
  for (std::size_t sent = 0; sent < number;) {
    if (flow.send_one()) ++sent;
    got += flow.receive_all();
  }
  while (flow.wait_for_one(200)) got += flow.receive_all();
  return got;
}

TEST_F(ImpairmentsTest, LossIsWhatTheFileSays) {
  REQUIRE_QDISC("netem");
  constexpr std::size_t kNumber = 2000;
  const TwoHosts lab("from: {a: {loss: 5%}, b: {loss: {gemodel: {p: 10%, r: 100%}}}}");
  Datagrams there("w.a", "w.b", "10.0.0.2");
  expect_share(kNumber - deliver(there, kNumber), kNumber, 0.05);
  // Out of the bad state after one packet: p / (p + r) of all are lost.
  Datagrams back("w.b", "w.a", "10.0.0.1");
  expect_share(kNumber - deliver(back, kNumber), kNumber, 0.1 / 1.1);
}

TEST_F(ImpairmentsTest, DuplicatesArrive) {
  REQUIRE_QDISC("netem");
  constexpr std::size_t kNumber = 2000;
  const TwoHosts lab("duplicate: 10%");
  Datagrams flow("w.a", "w.b", "10.0.0.2");
  const std::size_t got = deliver(flow, kNumber);
  ASSERT_GE(got, kNumber);
  expect_share(got - kNumber, kNumber, 0.1);
}

json root_of(const std::string& end) {
  const Output out = netyard("link " + end + " show --json");
  return json::parse(out.text)["links"][0]["qdiscs"][0];
}

TEST_F(ImpairmentsTest, TheLimitOfNetemHoldsWhatIsOnTheWay) {
  REQUIRE_QDISC("netem");
  const TwoHosts lab("delay: 100ms, rate: 20mbit");
  Datagrams flow("w.a", "w.b", "10.0.0.2");
  flow.make_room(8 << 20);
  flow.warm_up();
  // As much as is on the way, and half of that again waiting, at once.
  const std::size_t flying = static_cast<std::size_t>(20e6 * 0.1 / 8 / kFrame);
  const std::size_t number = flying + flying / 2;
  for (std::size_t i = 0; i < number; ++i) ASSERT_TRUE(flow.send_one()) << i;
  std::size_t got = 0;
  while (flow.wait_for_one(1000)) got += flow.receive_all();
  EXPECT_EQ(got, number);
  const json root = root_of("w/a:eth0");
  EXPECT_EQ(root["kind"], "netem");
  EXPECT_EQ(root["dropped"], 0);
}

TEST_F(ImpairmentsTest, TcpFillsALongLink) {
  REQUIRE_QDISC("netem");
  const TwoHosts lab("delay: 50ms, rate: 10mbit");
  Stream stream("w.a", "w.b", "10.0.0.2");
  ASSERT_TRUE(stream.ready());
  stream.pump(4);
  const double rate = static_cast<double>(stream.pump(4)) * 8 / 4;
  EXPECT_GT(rate, 0.8 * 1e7);
  EXPECT_LT(rate, 1e7);
}

TEST_F(ImpairmentsTest, TcpFillsATokenBucket) {
  const TwoHosts lab("rate: 10mbit");
  Stream stream("w.a", "w.b", "10.0.0.2");
  ASSERT_TRUE(stream.ready());
  stream.pump(1);
  const double rate = static_cast<double>(stream.pump(3)) * 8 / 3;
  EXPECT_GT(rate, 0.85 * 1e7);
  EXPECT_LT(rate, 1e7);
}

TEST_F(ImpairmentsTest, AKernelWithoutNetemSaysSoBeforeAnythingIsMade) {
  if (kernel_has("netem")) GTEST_SKIP() << "this kernel has netem";
  const LabFile file(two_hosts("rate: 10mbit, delay: 5ms"));
  const Output up = netyard("up " + file.path());
  EXPECT_EQ(up.status, 1);
  EXPECT_NE(up.text.find("/run/lab.yaml:4:"), std::string::npos) << up.text;
  EXPECT_NE(up.text.find("this kernel has no netem (CONFIG_NET_SCH_NETEM)"), std::string::npos);
  EXPECT_EQ(netyard("ls --json").text.find("\"w\""), std::string::npos);
}

TEST_F(ImpairmentsTest, AWordThatThisKernelPassesOverIsRefused) {
  REQUIRE_QDISC("netem");
  const LabFile file(two_hosts("loss: 10%, seed: 7"));
  const Output up = netyard("up " + file.path());
  if (up.status == 0) {
    EXPECT_EQ(root_of("w/a:eth0")["settings"]["seed"], "7");
    EXPECT_EQ(netyard("down w").status, 0);
    return;
  }
  EXPECT_NE(up.text.find("the netem of this kernel knows no 'seed'"), std::string::npos) << up.text;
}

TEST_F(ImpairmentsTest, EveryPresetComesUp) {
  REQUIRE_QDISC("netem");
  const json presets = json::parse(netyard("impairments --json").text)["presets"];
  std::string text = "name: w\nnodes: {user: {}, net: {}}\nlinks:\n";
  for (const auto& preset : presets) {
    const std::string name = preset["preset"];
    text += fmt::format(
        "  - {{endpoints: [net:{0}, user:{0}], preset: {{name: {0}, subscriber: user}}}}\n", name);
  }
  const LabFile file(text);
  const Output up = netyard("up " + file.path());
  ASSERT_EQ(up.status, 0) << up.text;
  const json links = json::parse(netyard("link show --json").text)["links"];
  ASSERT_EQ(links.size(), 2 * presets.size());
  for (const auto& link : links) {
    const std::string end = link["link"];
    const std::string name = end.substr(end.find(':') + 1);
    const auto preset = std::find_if(presets.begin(), presets.end(),
                                     [&](const json& one) { return one["preset"] == name; });
    const std::string way = end.starts_with("user:") ? "up" : "down";
    const std::string words = " " + (*preset)[way].get<std::string>() + " ";
    EXPECT_TRUE(link["drift"].empty()) << link["drift"];
    for (const auto& [key, value] : link["impairments"].items()) {
      if (key == "loss.gemodel.1-h" || key == "loss.gemodel.1-k") continue;  // the defaults
      EXPECT_NE(words.find(" " + key + "=" + value.get<std::string>() + " "), std::string::npos)
          << key << "=" << value << " in" << words;
    }
  }
  EXPECT_EQ(netyard("down w").status, 0);
}

TEST_F(ImpairmentsTest, SegmentsAreCutBeforeTheQdisc) {
  const TwoHosts lab("from: {a: {qdisc: {kind: tbf, rate: 100mbit, burst: 100K}}}");
  for (const char* node : {"w.a", "w.b"}) {
    EXPECT_EQ(run(fmt::format("ip -n {} -d link show eth0 | grep -c 'gso_max_segs 1 '", node)).text,
              "1\n");
  }
}

}  // namespace
}  // namespace netyard::test
