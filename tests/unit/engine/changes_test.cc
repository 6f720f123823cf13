// SPDX-License-Identifier: Apache-2.0
// From one file to another, on what a kernel would show: the steps, in their order.
#include "engine/changes.h"

#include <gtest/gtest.h>

#include "support/fake_snapshot.h"
#include "support/lab_text.h"

namespace netyard::test {
namespace {

constexpr const char* kLab = R"(name: x
nodes:
  a: {routes: [default via 10.0.0.254]}
  b: {nftables: 'table inet f {}', sysctls: {net.ipv4.ip_forward: 1}}
  s: {kind: switch}
links:
- {endpoints: ['a:eth0', 's:p1'], ipv4: [10.0.0.1/24, '']}
- {endpoints: ['b:eth0', 's:p2'], ipv4: [10.0.0.254/24, '']}
)";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("no " + what);
  return text.replace(at, what.size(), with);
}

/// A lab that came up by kLab.
class ChangesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(brief(before_.diagnostics), "");
    record_ = make_record(before_.topology, "/x.yaml");
    record_.phase = LabPhase::up;
    present_.record = &record_;
    present_.before = {{&before_.topology, &before_.plan}};
    present_.settled = true;
    present_.commands_ran = true;
    present_.usual_sysctl = [](const std::string&) { return std::optional<std::string>("0"); };
    live_ = as_made(before_.topology);
  }

  Changes find(const std::string& file) {
    next_ = load_text(file);
    EXPECT_EQ(brief(next_.diagnostics), "");
    return find_changes({&next_.topology, &next_.plan}, present_, live_);
  }
  std::string to(const std::string& file) {
    const Changes changes = find(file);
    EXPECT_EQ(brief(changes.diagnostics), "");
    return render_changes(next_.topology, changes);
  }
  std::string to_file_with(const std::string& what, const std::string& with) {
    return to(replaced(kLab, what, with));
  }
  LinkState& link(const std::string& node, const std::string& name) {
    for (auto& link : live_[node].links) {
      if (link.name == name) return link;
    }
    throw std::logic_error("no " + name);
  }

  const LabText before_ = load_text(kLab);
  LabText next_;
  LabRecord record_;
  Present present_;
  Snapshot live_;
};

TEST_F(ChangesTest, TheSameFileIsNoChange) {
  EXPECT_EQ(to(kLab), "");
}

TEST_F(ChangesTest, WhatAnInterfaceHasIsChangedInPlace) {
  EXPECT_EQ(to_file_with("10.0.0.1/24", "10.0.0.2/24"),
            "- remove address 10.0.0.1/24 of eth0 in a\n"
            "+ add address 10.0.0.2/24 to eth0 in a\n"
            "~ write /etc/hosts of the nodes\n");
  EXPECT_EQ(to_file_with("ipv4: [10.0.0.1/24, '']", "mtu: 1400, ipv4: [10.0.0.1/24, '']"),
            "~ set link eth0 mtu 1400 in a (was: mtu 1500)\n"
            "~ set link p1 mtu 1400 in s (was: mtu 1500)\n");
}

TEST_F(ChangesTest, ARouteTakesThePlaceOfAnother) {
  EXPECT_EQ(to_file_with("10.0.0.254]}", "10.0.0.254 mtu 1300]}"),
            "~ add route default via 10.0.0.254 dev eth0 mtu 1300 in a "
            "(was: default via 10.0.0.254 dev eth0)\n");
  EXPECT_EQ(to_file_with("10.0.0.254]}", "10.0.0.254 metric 5]}"),
            "- remove route default via 10.0.0.254 dev eth0 in a\n"
            "+ add route default via 10.0.0.254 dev eth0 metric 5 in a\n");
}

TEST_F(ChangesTest, WhatTheFileDropsGoesBackToTheKernels) {
  EXPECT_EQ(to_file_with(", sysctls: {net.ipv4.ip_forward: 1}", ""),
            "~ write sysctl net/ipv4/ip_forward = 0 in b (was: 1)\n");
}

TEST_F(ChangesTest, NodesComeAndGo) {
  const std::string with_c = replaced(kLab, "  s: {kind", "  c: {}\n  s: {kind");
  EXPECT_EQ(to(with_c),
            "+ create namespace x.c\n"
            "+ write sysctl net/ipv6/conf/default/accept_dad = 0 in c\n"
            "+ set link lo up in c\n"
            "~ write /etc/hosts of the nodes\n");
  const std::string without_b = replaced(
      replaced(replaced(kLab, "{routes: [default via 10.0.0.254]}", "{}"),
               "  b: {nftables: 'table inet f {}', sysctls: {net.ipv4.ip_forward: 1}}\n", ""),
      "- {endpoints: ['b:eth0', 's:p2'], ipv4: [10.0.0.254/24, '']}\n", "");
  EXPECT_EQ(to(without_b),
            "- remove route default via 10.0.0.254 dev eth0 in a\n"
            "- remove link p2 in s\n"
            "- delete namespace x.b\n"
            "~ write /etc/hosts of the nodes\n");
}

TEST_F(ChangesTest, ARenamedLinkIsFoundByItsNumber) {
  link("a", "eth0").name = "wan";
  link("a", "wan").up = false;
  EXPECT_EQ(to(kLab), "~ set link eth0 name eth0 up in a (was: wan, down)\n");
}

TEST_F(ChangesTest, HalfAPairIsMadeAnew) {
  std::erase_if(live_["a"].links, [](const LinkState& l) { return l.name == "eth0"; });
  live_["a"].addresses.clear();
  live_["a"].routes.clear();
  const std::string changes = to(kLab);
  EXPECT_EQ(changes.substr(0, changes.find('\n')), "- remove link p1 in s");
  EXPECT_NE(changes.find("+ add address 10.0.0.1/24 to eth0 in a\n"), std::string::npos) << changes;
  EXPECT_NE(changes.find("+ add route default via 10.0.0.254 dev eth0 in a\n"), std::string::npos)
      << changes;
  EXPECT_EQ(changes.find(" in b"), std::string::npos) << changes;
}

TEST_F(ChangesTest, WhatSomebodyElseMadeStays) {
  LinkState stranger;
  stranger.ifindex = 77;
  stranger.name = "tun0";
  live_["a"].links.push_back(stranger);
  live_["a"].routes.push_back({{}, 3});
  EXPECT_EQ(to(kLab), "");
  // In the way it is named.
  const Changes changes = find(replaced(kLab, "'a:eth0'", "'a:tun0'"));
  EXPECT_NE(brief(changes.diagnostics).find("a has a link called tun0 that netyard did not make"),
            std::string::npos);
}

TEST_F(ChangesTest, OnlyTablesOfTheRulesetGo) {
  present_.rulesets["b"] = {7, {"inet f"}, ""};
  EXPECT_EQ(to(kLab), "");
  const Changes other = find(replaced(kLab, "table inet f {}", "table inet g {}"));
  ASSERT_EQ(other.list.size(), 1U);
  EXPECT_EQ(std::get<LoadRuleset>(other.list.front().step.operation).drop,
            std::vector<std::string>{"inet f"});
  const Changes none = find(replaced(kLab, "nftables: 'table inet f {}', ", ""));
  ASSERT_EQ(none.list.size(), 1U);
  EXPECT_EQ(none.list.front().sign, Change::Sign::remove);
  EXPECT_EQ(std::get<LoadRuleset>(none.list.front().step.operation).drop,
            std::vector<std::string>{"inet f"});
}

TEST_F(ChangesTest, ARulesetThatHandsChangedIsLoadedAgain) {
  present_.rulesets["b"] = {8, {}, "table inet f is missing"};
  EXPECT_EQ(to(kLab), "~ load ruleset nftables in b (was: table inet f is missing)\n");
}

TEST_F(ChangesTest, AfterACrashWhatCannotBeReadBackIsDoneAgain) {
  present_.settled = false;
  EXPECT_EQ(to(kLab),
            "~ load ruleset nftables in b\n"
            "~ write /etc/hosts of the nodes\n");
}

}  // namespace
}  // namespace netyard::test
