// SPDX-License-Identifier: Apache-2.0
// Every field of every qdisc goes to a real kernel, and tc(8) shows it as it was meant.
#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <optional>
#include <set>
#include <sstream>

#include "base/error.h"
#include "netlink/ethtool.h"
#include "netlink/filter.h"
#include "netlink/link.h"
#include "netlink/netem_tables.h"
#include "netlink/observe_filter.h"
#include "netlink/observe_qdisc.h"
#include "netlink/qdisc.h"
#include "netlink/socket.h"
#include "netns-fixtures/one_namespace.h"
#include "netns/namespace.h"
#include "netns/pin.h"

namespace netyard::test {
namespace {

using nlohmann::json;

/// Settings as words, and a part of what `tc -j` shows for them.
struct Case {
  const char* kind;
  const char* settings;
  const char* shown;
};
constexpr Case kCases[] = {
#include "netns-fixtures/qdisc_cases.inc"
};
constexpr Case kClassCases[] = {
    {"htb", "rate=8mbit ceil=16mbit burst=20000 cburst=30000 prio=3 quantum=5000",
     "prio 3 quantum 5000 rate 8Mbit ceil 16Mbit linklayer ethernet burst 20000b"},
    {"htb", "rate=8mbit overhead=24 mpu=64 linklayer=atm",
     "rate 8Mbit overhead 24 ceil 8Mbit linklayer atm"},
};

Settings settings_of(std::span<const Field> fields, const std::string& words) {
  Settings out;
  std::istringstream list(words);
  for (std::string word; list >> word;) {
    const std::size_t equals = word.find('=');
    const Field* field = find_field(fields, word.substr(0, equals));
    EXPECT_NE(field, nullptr) << word;
    if (field == nullptr) continue;
    std::string value = word.substr(equals + 1);
    std::replace(value.begin(), value.end(), '_', ' ');
    FieldSetting setting{field, {}};
    std::string problem;
    EXPECT_TRUE(parse_field(*field, value, setting.value, problem)) << word << ": " << problem;
    out.push_back(std::move(setting));
  }
  return out;
}

// "" or where the two differ.
std::string difference(const json& wanted, const json& shown, const std::string& path = "") {
  if (wanted.is_object()) {
    for (const auto& [key, value] : wanted.items()) {
      if (!shown.is_object() || !shown.contains(key)) return path + "/" + key + " is missing";
      if (auto found = difference(value, shown[key], path + "/" + key); !found.empty())
        return found;
    }
    return "";
  }
  bool same = wanted == shown;
  if (wanted.is_number() && shown.is_number()) {
    const auto a = wanted.get<double>();
    same = std::abs(a - shown.get<double>()) <= std::abs(a) * 0.002;
  }
  return same ? "" : fmt::format("{}: wanted {}, shown {}", path, wanted.dump(), shown.dump());
}

class QdiscTest : public OneNamespaceTest, public testing::WithParamInterface<const char*> {
 protected:
  QdiscTest() : OneNamespaceTest("q") {}

  void SetUp() override {
    OneNamespaceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    NewLink link;
    link.kind = find_link_kind("veth");
    link.name = "eth0";
    link.ifindex = kLink;
    link.up = true;
    link.peer = LinkPeer{"eth1", kLink + 1, {}};
    ASSERT_TRUE(socket_->request(new_link(link)).ok());
  }

  static json tc(const std::string& what, const std::string& selector) {
    const Output out = run("tc -n q -j -d " + what + " show dev eth0");
    EXPECT_EQ(out.status, 0) << out.text;
    for (const auto& one : json::parse(out.text)) {
      if (one.value("kind", one.value("class", "")) == selector && one.value("parent", "") != "") {
        return one;
      }
      if (one.value("kind", one.value("class", "")) == selector) return one;
    }
    return {};
  }

  // True when it was made; else the kernel has no such kind.
  bool make(const Qdisc& qdisc) {
    const Ack ack = socket_->request(new_qdisc(qdisc));
    if (ack.error == ENOENT) return false;
    EXPECT_TRUE(ack.ok()) << errno_sentence(ack.error) << " " << ack.sentence;
    return true;
  }

  // The kernel shows what we expect it to show.
  void expect_read_back(const Qdisc& qdisc) {
    const auto live = qdisc.is_class ? observe_classes(*socket_, kLink) : observe_qdiscs(*socket_);
    for (const auto& state : live) {
      if (state.name != qdisc.kind->name || state.qdisc.ifindex != kLink) continue;
      for (const auto& setting : as_read_back(qdisc)) {
        // Not given: the kernel's to choose, and not compared.
        if (find_setting(qdisc.settings, setting.field->key) == nullptr) continue;
        const FieldSetting* shown = find_setting(state.qdisc.settings, setting.field->key);
        ASSERT_NE(shown, nullptr) << setting.field->key;
        EXPECT_TRUE(same_setting(setting, *shown))
            << setting.field->key << " " << format_field(*setting.field, setting.value) << " "
            << format_field(*shown->field, shown->value);
      }
      return;
    }
    FAIL() << "no " << qdisc.kind->name;
  }

  static constexpr std::uint32_t kLink = 100;
};

TEST_P(QdiscTest, EveryFieldReachesTheKernel) {
  const QdiscKind& kind = *find_qdisc_kind(GetParam());
  for (const auto& one : kCases) {
    if (std::string_view(one.kind) != kind.name) continue;
    SCOPED_TRACE(one.settings);
    Qdisc qdisc;
    qdisc.kind = &kind;
    qdisc.ifindex = kLink;
    qdisc.settings = settings_of(kind.fields, one.settings);
    if (!make(qdisc))
      GTEST_SKIP() << "this kernel has no " << kind.name << " (" << kind.kernel_option << ")";
    const json shown = tc("qdisc", kind.name);
    EXPECT_EQ(difference(json::parse(one.shown), shown["options"]), "") << shown;
    expect_read_back(qdisc);
    ASSERT_TRUE(socket_->request(delete_qdisc(kLink)).ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, QdiscTest,
                         testing::Values("netem", "tbf", "htb", "fq_codel", "codel", "cake", "fq",
                                         "sfq", "prio", "red", "pie", "pfifo", "bfifo"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(QdiscCases, CoverEveryFieldOfEveryKind) {
  for (const QdiscKind* kind : qdisc_kinds()) {
    std::set<std::string> covered;
    const auto take = [&](std::span<const Case> cases, std::span<const Field> fields) {
      for (const auto& one : cases) {
        if (std::string_view(one.kind) != kind->name) continue;
        for (const auto& setting : settings_of(fields, one.settings)) {
          covered.insert(setting.field->key);
        }
      }
      for (const auto& field : fields) {
        if (std::string_view(field.key) == "seed") continue;  // of Linux 6.6
        EXPECT_TRUE(covered.contains(field.key)) << kind->name << " " << field.key;
      }
    };
    take(kCases, kind->fields);
    take(kClassCases, kind->class_fields);
  }
}

using QdiscTreeTest = QdiscTest;

TEST_F(QdiscTreeTest, ClassesOfHtb) {
  const QdiscKind& kind = *find_qdisc_kind("htb");
  Qdisc root;
  root.kind = &kind;
  root.ifindex = kLink;
  root.handle = traffic_handle(1);
  ASSERT_TRUE(make(root));
  for (const auto& one : kClassCases) {
    SCOPED_TRACE(one.settings);
    Qdisc made = root;
    made.is_class = true;
    made.parent = traffic_handle(1);
    made.handle = traffic_handle(1, 0x10);
    made.settings = settings_of(kind.class_fields, one.settings);
    ASSERT_TRUE(make(made));
    // `tc -j class` prints no JSON for htb.
    const std::string shown = run("tc -n q -d class show dev eth0").text;
    EXPECT_NE(shown.find(one.shown), std::string::npos) << shown;
    expect_read_back(made);
  }
}

TEST_F(QdiscTreeTest, FiltersMatchWhatTheyName) {
  Qdisc root;
  root.kind = find_qdisc_kind("htb");
  root.ifindex = kLink;
  root.handle = traffic_handle(1);
  ASSERT_TRUE(make(root));
  TrafficFilter filter;
  filter.ifindex = kLink;
  filter.parent = traffic_handle(1);
  filter.class_id = traffic_handle(1, 0x10);
  filter.match.dscp = 46;
  filter.match.protocol = 17;
  filter.match.source = IpPrefix::parse("10.1.0.0/20");
  filter.match.destination_port = 53;
  filter.priority = 1;
  ASSERT_TRUE(socket_->request(new_filter(filter)).ok());
  filter.match = {};
  filter.match.family = Family::ipv6;
  filter.match.destination = IpPrefix::parse("2001:db8:1::/48");
  filter.match.source_port = 443;
  filter.priority = 2;
  ASSERT_TRUE(socket_->request(new_filter(filter)).ok());
  const std::string shown = run("tc -n q filter show dev eth0").text;
  for (const char* part : {"flowid 1:10", "match 00b80000/00fc0000 at 0",
                           "match 00110000/00ff0000 at 8", "match 0a010000/fffff000 at 12",
                           "match 00000035/0000ffff at 20", "match 20010db8/ffffffff at 24",
                           "match 00010000/ffff0000 at 28", "match 01bb0000/ffff0000 at 40"}) {
    EXPECT_NE(shown.find(part), std::string::npos) << part << "\n" << shown;
  }
}

TEST_F(QdiscTreeTest, FiltersAreReadBackAsTheyWereMade) {
  Qdisc root;
  root.kind = find_qdisc_kind("htb");
  root.ifindex = kLink;
  root.handle = traffic_handle(1);
  ASSERT_TRUE(make(root));
  const auto prefix = [](const char* text) { return IpPrefix::parse(text); };
  const PacketMatch matches[] = {
      {},
      {.family = Family::ipv6},
      {.dscp = 46, .protocol = 17, .source = prefix("10.1.0.0/20"), .destination_port = 53},
      {.destination = prefix("10.1.2.3/32"), .source_port = 1, .destination_port = 65535},
      {.family = Family::ipv6, .dscp = 10, .protocol = 6, .source = prefix("2001:db8::/33")},
      {.family = Family::ipv6, .source = prefix("::1/128"), .destination = prefix("ff00::/8")},
      {.family = Family::ipv6, .destination = prefix("2001:db8::2/127"), .source_port = 443}};
  std::vector<TrafficFilter> made;
  for (const auto& match : matches) {
    TrafficFilter filter;
    filter.ifindex = kLink;
    filter.parent = traffic_handle(1);
    filter.class_id = traffic_handle(1, 0x10);
    filter.priority = static_cast<std::uint16_t>(made.size() + 1);
    filter.match = match;
    ASSERT_TRUE(socket_->request(new_filter(filter)).ok());
    made.push_back(filter);
  }
  const auto found = observe_filters(*socket_, kLink, traffic_handle(1));
  ASSERT_EQ(found.size(), made.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_EQ(found[i].unsaid, "") << describe_match(made[i]);
    EXPECT_EQ(found[i].filter, made[i]) << describe_match(found[i].filter);
  }
}

// With framing the kernel shows a bucket that is larger by it.
TEST_F(QdiscTreeTest, ABucketIsReadBackWithoutItsFraming) {
  Qdisc bucket;
  bucket.kind = find_qdisc_kind("tbf");
  bucket.ifindex = kLink;
  for (const char* words :
       {"rate=1mbit burst=10000 overhead=100", "rate=1mbit burst=9600 linklayer=atm overhead=48",
        "rate=1mbit burst=10000 peakrate=2mbit mtu=2000 overhead=24"}) {
    bucket.settings = settings_of(bucket.kind->fields, words);
    ASSERT_TRUE(make(bucket)) << words;
    for (const auto& state : observe_qdiscs(*socket_)) {
      if (state.qdisc.ifindex != kLink) continue;
      for (const auto& setting : bucket.settings) {
        const FieldSetting* shown = find_setting(state.qdisc.settings, setting.field->key);
        ASSERT_NE(shown, nullptr) << words;
        EXPECT_TRUE(same_setting(setting, *shown))
            << words << ": " << format_field(*shown->field, shown->value);
      }
    }
  }
}

TEST_F(QdiscTreeTest, AChangeOfTheSameKindKeepsTheQdisc) {
  Qdisc bucket;
  bucket.kind = find_qdisc_kind("tbf");
  bucket.ifindex = kLink;
  bucket.settings = settings_of(bucket.kind->fields, "rate=1mbit");
  ASSERT_TRUE(make(bucket));
  const json before = tc("qdisc", "tbf");
  bucket.settings = settings_of(bucket.kind->fields, "rate=2mbit");
  ASSERT_TRUE(make(bucket));
  const json after = tc("qdisc", "tbf");
  EXPECT_EQ(before["handle"], after["handle"]);
  EXPECT_EQ(after["options"]["rate"], 250000);
}

TEST_F(QdiscTreeTest, OffloadsAreWhatEthtoolShows) {
  const NamespaceScope inside(fd_.get());
  EthtoolSocket ethtool;
  ethtool.set(kLink, "eth0", std::vector<OffloadSetting>{{"tso", false}, {"tx-checksum", false}});
  const std::string shown = run("ip netns exec q ethtool -k eth0").text;
  EXPECT_NE(shown.find("tx-tcp-segmentation: off"), std::string::npos) << shown;
  EXPECT_NE(shown.find("tx-checksum-ip-generic: off"), std::string::npos) << shown;
  ethtool.set(kLink, "eth0", std::vector<OffloadSetting>{{"gro", true}});
  EXPECT_TRUE(ethtool.active(kLink, "eth0").contains("rx-gro"));
  EXPECT_THROW(ethtool.set(kLink, "eth0", std::vector<OffloadSetting>{{"lro", true}}), Error);
  EXPECT_THROW(ethtool.set(kLink, "eth0", std::vector<OffloadSetting>{{"tx-nonsense", true}}),
               Error);
}

double mean(const std::vector<std::int16_t>& table) {
  double sum = 0;
  for (const auto entry : table) sum += entry;
  return sum / static_cast<double>(table.size());
}

double deviation(const std::vector<std::int16_t>& table) {
  double sum = 0;
  for (const auto entry : table) sum += double{static_cast<double>(entry)} * entry;
  return std::sqrt(sum / static_cast<double>(table.size()));
}

TEST(NetemTables, HaveMeanZeroAndTheDeviationThatTheKernelExpects) {
  constexpr double kScale = 8192;
  for (const char* name : {"normal", "pareto", "paretonormal"}) {
    const auto table = netem_table(name);
    EXPECT_EQ(table.size(), 4096U) << name;
    // The longest tail ends at 4 deviations: the largest number of 16 bits.
    EXPECT_NEAR(mean(table) / kScale, 0, 0.03) << name;
    EXPECT_TRUE(std::is_sorted(table.begin(), table.end())) << name;
  }
  EXPECT_NEAR(deviation(netem_table("normal")) / kScale, 1, 0.01);
  EXPECT_EQ(netem_table("normal")[2048], 3) << "just above the median";
  EXPECT_THROW(netem_table("/nowhere.dist"), Error);
}

}  // namespace
}  // namespace netyard::test
