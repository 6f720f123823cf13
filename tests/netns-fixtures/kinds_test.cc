// SPDX-License-Identifier: Apache-2.0
// Every field of every kind, sent to a real kernel and read back: by ip(8), and by our own tables.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "netlink/kind.h"
#include "netlink/link.h"
#include "netlink/link_data.h"
#include "netlink/link_fields.h"
#include "netlink/observe.h"
#include "netlink/qdisc.h"
#include "netlink/socket.h"
#include "netns-fixtures/one_namespace.h"
#include "netns/namespace.h"
#include "netns/pin.h"
#include "support/field_words.h"

namespace netyard::test {
namespace {

// What ip(8) calls a field, where it has another name: "KIND.KEY", or "KEY" for any kind.
const std::map<std::string, std::string> kIpWords = {
    {"vxlan.flowlabel", "label"},
    {"geneve.flowlabel", "label"},
    {"flowlabel", "flowlabel"},
    {"key", "ikey"},
    {"csum", "icsum"},
    {"seq", "iseq"},
    {"hoplimit", "ttl"},
    {"dscp_copy", "ip6_tnl_f_rcv_dscp_copy"},
    {"encap", "type"},
    {"encap_sport", "sport"},
    {"encap_dport", "dport"},
    {"encap_csum", "csum"},
    {"encap_csum6", "csum6"},
    {"encap_remcsum", "remcsum"},
    {"bc_queue_len", "bcqueuelen"},
    {"missed_max", "arp_missed_max"},
    {"bond.peer_notif_delay", "peer_notify_delay"},
    {"ipvlan.ports", "vepa"},
    {"ipvtap.ports", "vepa"},
    {"vni", "id"},
    {"dstport", "port"},
    {"vxlan.group", "group"},
    {"stp", "stp_state"},
    {"vxlan.srcport", "port_range"},
    {"gre.pmtudisc", "pmtudisc"},
    {"pmtudisc", "pmtudisc"},
    {"macvlan.sources", "macaddr_data"},
    {"macvtap.sources", "macaddr_data"},
    {"group_address", "group_addr"},
    {"arp_targets", "arp_ip_target"},
    {"ns_targets", "ns_ip6_target"},
    {"vlan_stats", "vlan_stats_enabled"},
    {"mcast_stats", "mcast_stats_enabled"},
    {"packets_per_slave", "packets_per_slave"},
    {"mcast_last_member_count", "mcast_last_member_cnt"},
    {"mcast_startup_query_count", "mcast_startup_query_cnt"},
    {"mcast_last_member_interval", "mcast_last_member_intvl"},
    {"mcast_membership_interval", "mcast_membership_intvl"},
    {"mcast_querier_interval", "mcast_querier_intvl"},
    {"mcast_query_interval", "mcast_query_intvl"},
    {"mcast_query_response_interval", "mcast_query_response_intvl"},
    {"mcast_startup_query_interval", "mcast_startup_query_intvl"},
    {"encaplimit", "encap_limit"},
    {"ingress_qos_map", "ingress_qos"},
    {"egress_qos_map", "egress_qos"},
    {"lacp_rate", "ad_lacp_rate"},
    {"lacp_active", "ad_lacp_active"},
    {"peer_notif_delay", "peer_notif_delay"},
    {"macsec.cipher", "cipher_suite"},
    {"macsec.validate", "validation"},
    {"macsec.send_sci", "inc_sci"},
    {"macsec.end_station", "es"},
    {"index", "erspan_index"},
    {"version", "erspan_ver"},
    {"direction", "erspan_dir"},
    {"hwid", "erspan_hwid"},
    {"6rd_prefix", "prefix"},
    {"6rd_relay_prefix", "relay_prefix"},
    {"macsec.port", "sci"},
    {"ttl", "ttl"}};

// Fields that the ip(8) of Debian 12 does not show, or not by themselves.
const std::set<std::string> kNotShown = {};

std::string json_of(const Field& field, const FieldValue& value) {
  return format_field(field, value);
}

/// A link for one field of one kind, and what the field was set to.
struct Probe {
  const LinkKind* kind = nullptr;
  const Field* field = nullptr;
  FieldValue value;
  std::string name;
  Ack ack;
  Settings settings;  // with what the field needs besides
};

FieldSetting setting(const Field& field, const std::string& word) {
  FieldSetting out{&field, {}};
  std::string problem;
  EXPECT_TRUE(parse_field(field, word, out.value, problem)) << field.key << " " << word << problem;
  return out;
}

// A number that is no bound: a kernel that rounds or clips would show another.
std::string usual_word(const LinkKind& kind, const Field& field) {
  static const std::map<std::string, std::string> kWords = {{"vni", "7"},
                                                            {"forward_delay", "5s"},
                                                            {"max_age", "30s"},
                                                            {"hello_time", "3s"},
                                                            {"ageing_time", "77s"},
                                                            {"miimon", "100ms"},
                                                            {"updelay", "200ms"},
                                                            {"downdelay", "300ms"},
                                                            {"arp_interval", "150ms"},
                                                            {"peer_notif_delay", "200ms"},
                                                            {"lp_interval", "3s"},
                                                            {"mcast_hash_max", "512"},
                                                            {"group_address", "01:80:c2:00:00:0e"},
                                                            {"group", "239.1.1.1"},
                                                            {"group_fwd_mask", "lldp"},
                                                            {"ttl", "33"},
                                                            {"tos", "16"},
                                                            {"hoplimit", "33"},
                                                            {"encaplimit", "5"},
                                                            {"tclass", "17"},
                                                            {"flowlabel", "4660"},
                                                            {"dstport", "4790"},
                                                            {"ageing", "99s"},
                                                            {"ingress_qos_map", "1:5"},
                                                            {"egress_qos_map", "2:3"},
                                                            {"table", "100"},
                                                            {"mcast_igmp_version", "3"},
                                                            {"mcast_mld_version", "2"},
                                                            {"vlan_default_pvid", "5"},
                                                            {"icv_len", "12"},
                                                            {"key", "9"},
                                                            {"version", "2"},
                                                            {"index", "5"},
                                                            {"missed_max", "4"},
                                                            {"packets_per_slave", "5"},
                                                            {"ad_actor_sys_prio", "99"},
                                                            {"ad_user_port_key", "9"},
                                                            {"min_links", "1"},
                                                            {"resend_igmp", "3"},
                                                            {"num_peer_notif", "3"},
                                                            {"window", "32"}};
  if (const auto found = kWords.find(field.key); found != kWords.end()) return found->second;
  static const std::set<std::string> kOnByDefault = {
      "learning", "udp_csum", "mcast_snooping", "reorder_hdr", "protect",
      "send_sci", "pmtudisc", "use_carrier",    "lacp_active", "tlb_dynamic_lb"};
  if (field.syntax == Syntax::flag) return kOnByDefault.contains(field.key) ? "false" : "true";
  if (field.syntax == Syntax::choice) return field.choices.back().word;
  if (field.syntax == Syntax::number) {
    return std::to_string(
        std::min<std::uint64_t>(std::max<std::uint64_t>(field.min + 3, 9), field.max));
  }
  if (field.syntax == Syntax::duration)
    return format_field(field, std::min<std::uint64_t>(field.max, 3'000'000'000));
  return right_words(field).front();
  (void)kind;
}

/// The first of a rule's words that is none of "not this".
std::string first_word(const FieldRule& rule, const LinkKind& kind) {
  const std::string words = rule.other_words;
  const Field& other = *kind.find(rule.other);
  if (words.empty() || words.front() == '!') return usual_word(kind, other);
  return words.substr(0, words.find('|'));
}

class KindsTest : public OneNamespaceTest {
 protected:
  KindsTest() : OneNamespaceTest("k") {}
  void SetUp() override {
    // Some modules make a link in every namespace when they are loaded: before traces are taken.
    static const Output loaded = run(
        "modprobe -q -a fou fou6 ip_gre ip6_gre ipip sit ip6_tunnel ip_vti ip6_vti 2>/dev/null");
    OneNamespaceTest::SetUp();
  }

  static bool has(std::span<const FieldSetting> settings, const char* key) {
    return find_setting(settings, key) != nullptr;
  }

  // Values that two links of a kind may not share count up.
  static std::string numbered(const Field& field, int number) {
    if (field.syntax == Syntax::address) {
      return field.attribute != 0 ? fmt::format("192.0.2.{}", number)
                                  : fmt::format("2001:db8::{:x}", number);
    }
    return std::to_string(number);
  }

  static bool wants_ipv6(const NewLink& link) {
    return has(link.settings, "flowlabel") || has(link.settings, "udp_zero_csum6_tx");
  }

  void satisfy(const LinkKind& kind, NewLink& link, int number) {
    for (const auto& field : kind.fields) {
      const bool both = field.attribute != 0 && std::string_view(field.key) == "remote";
      if (both && wants_ipv6(link)) continue;
      const bool spared = field.unless != nullptr && has(link.settings, field.unless);
      const bool distinct =
          std::string_view(field.key) == "remote" && kind.name != std::string_view("vxlan");
      const bool external = has(link.settings, "external");
      if (has(link.settings, field.key) || spared || (distinct && external)) continue;
      if (field.required || distinct)
        link.settings.push_back(setting(field, numbered(field, number)));
    }
    const bool six =
        wants_ipv6(link) && kind.find("remote") != nullptr && !has(link.settings, "remote");
    if (six)
      link.settings.push_back(setting(*kind.find("remote"), fmt::format("2001:db8::{:x}", number)));
    if (has(link.settings, "external") && kind.name == std::string_view("geneve")) {
      link.settings.push_back(setting(*kind.find("dstport"), std::to_string(7000 + number)));
    }
    // What the rules want besides, until they are content.
    for (int round = 0; round < 5; ++round) {
      const FieldRule* rule = broken_rule(kind, link.settings);
      if (rule == nullptr) return;
      if (rule->relation == Relation::needs) {
        std::erase_if(link.settings,
                      [&](const auto& s) { return std::string_view(rule->other) == s.field->key; });
        link.settings.push_back(setting(*kind.find(rule->other), first_word(*rule, kind)));
      } else {
        std::erase_if(link.settings, [&](const auto& s) {
          return std::string_view(rule->other) == s.field->key &&
                 s.field != link.settings.front().field;
        });
        if (std::string_view(rule->other) == link.settings.front().field->key) {
          std::erase_if(link.settings,
                        [&](const auto& s) { return std::string_view(rule->key) == s.field->key; });
        }
      }
    }
  }

  NewLink base(const LinkKind& kind, int number) {
    NewLink link;
    link.kind = &kind;
    link.name = fmt::format("f{}", number);
    link.ifindex = static_cast<std::uint32_t>(1000 + number);
    if (kind.ordering == LinkClass::pair)
      link.peer =
          LinkPeer{fmt::format("q{}", number), static_cast<std::uint32_t>(5000 + number), {}};
    return link;
  }

  std::uint32_t parent(int number) {
    NewLink veth;
    veth.kind = find_link_kind("veth");
    veth.name = fmt::format("p{}", number);
    veth.ifindex = static_cast<std::uint32_t>(2000 + number);
    veth.peer = LinkPeer{fmt::format("o{}", number), static_cast<std::uint32_t>(3000 + number), {}};
    EXPECT_TRUE(socket_->request(new_link(veth)).ok());
    return veth.ifindex;
  }

  bool lacks(const LinkKind& kind) {
    NewLink link = base(kind, 9999);
    const Ack ack = socket_->request(new_link(link));
    if (ack.ok()) socket_->request(delete_link(link.ifindex));
    return ack.error == EOPNOTSUPP;
  }

  std::vector<Probe> make_all(const LinkKind& kind) {
    std::vector<Probe> out;
    int number = 0;
    for (const auto& field : kind.fields) {
      if (field.late || std::string_view(field.key).starts_with("nf_call")) continue;
      Probe probe{&kind, &field, {}, "", {}, {}};
      NewLink link = base(kind, ++number);
      const bool needs_parent = kind.parent_required || std::string_view(field.key) == "group";
      if (needs_parent) link.parent = parent(number);
      const bool unique = std::string_view(field.key) == "remote" ||
                          std::string_view(field.key) == "vni" ||
                          std::string_view(field.key) == "if_id";
      link.settings.push_back(
          setting(field, unique ? numbered(field, number) : usual_word(kind, field)));
      probe.value = link.settings.front().value;
      satisfy(kind, link, number);
      probe.name = link.name;
      probe.settings = link.settings;
      probe.ack = socket_->request(new_link(link));
      out.push_back(std::move(probe));
    }
    return out;
  }
};

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

std::string upper(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

// Whether what ip(8) shows is the value, in any of the ways in which it shows values.
bool same(const nlohmann::json& shown, const Field& field, const FieldValue& value) {
  const std::string word = json_of(field, value);
  const auto* number = std::get_if<std::uint64_t>(&value);
  const std::uint64_t raw = number != nullptr ? *number / field.scale : 0;
  // A choice that is shown by its name as a key.
  if (shown.is_boolean() && field.syntax == Syntax::choice) return shown.get<bool>();
  if (shown.is_boolean()) return number != nullptr && shown.get<bool>() == (raw != 0);
  if (shown.is_number()) return number != nullptr && shown.get<std::uint64_t>() == raw;
  if (shown.is_null()) return number != nullptr && raw != 0;
  if (shown.is_string()) {
    const std::string text = lower(shown.get<std::string>());
    if (text == word || text == std::to_string(raw)) return true;
    // MACsec: the port is the end of the identifier, in hexadecimal.
    if (std::string_view(field.attribute_name).starts_with("IFLA_MACSEC_")) {
      return text.ends_with(fmt::format("{:x}", raw));
    }
    if (const auto* prefix = std::get_if<IpPrefix>(&value)) {
      return text == lower(prefix->address.to_string());
    }
    if (text == "on" || text == "off") return number != nullptr && (text == "on") == (raw != 0);
    if (text.starts_with("0x")) return number != nullptr && std::stoull(text, nullptr, 16) == raw;
    if (const auto dotted = IpAddress::parse(text); dotted && number != nullptr) {
      return dotted->to_string() ==
             fmt::format("{}.{}.{}.{}", raw >> 24, raw >> 16 & 255, raw >> 8 & 255, raw & 255);
    }
    return false;
  }
  const std::string all = shown.dump();
  // Lists and mappings: all that the word says is in them.
  std::size_t at = 0;
  while (at < word.size()) {
    const std::size_t end = std::min(word.find_first_of(" :-", at), word.size());
    const std::string part = field.syntax == Syntax::macs || field.syntax == Syntax::addresses
                                 ? word.substr(at, word.find(' ', at) - at)
                                 : word.substr(at, end - at);
    if (lower(all).find(part) == std::string::npos) return false;
    at += part.size() + 1;
  }
  return true;
}

const nlohmann::json* find_deep(const nlohmann::json& data, const std::string& key) {
  if (!data.is_object()) return nullptr;
  if (data.contains(key)) return &data[key];
  for (const auto& [name, inner] : data.items()) {
    if (const auto* found = find_deep(inner, key)) return found;
  }
  return nullptr;
}

std::string ip_word(const LinkKind& kind, const Field& field) {
  for (const std::string& name :
       {fmt::format("{}.{}", kind.name, field.key), std::string(field.key)}) {
    if (const auto found = kIpWords.find(name); found != kIpWords.end()) return found->second;
  }
  return field.key;
}

// What kernels may be built without; that netyard refuses it then by name is tested elsewhere.
bool is_lacking(const Field& field) {
  static const bool filters =
      run("unshare -n sh -c 'ip link add probe type bridge vlan_filtering 1'").status == 0;
  return !filters && std::string_view(field.option) == "CONFIG_BRIDGE_VLAN_FILTERING";
}

// What was set is what our tables read, and so is all that follows from it.
void expect_read_back(const Probe& probe, const LinkState& state) {
  const Settings now = kind_settings(state);
  const FieldSetting* own = find_setting(now, probe.field->key);
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(format_field(*probe.field, own->value), format_field(*probe.field, probe.value));
  for (const auto& expected : as_read_back(*probe.kind, probe.settings)) {
    const FieldSetting* found = find_setting(now, expected.field->key);
    ASSERT_NE(found, nullptr) << expected.field->key;
    EXPECT_TRUE(same_setting(expected, *found))
        << expected.field->key << " " << format_field(*found->field, found->value);
  }
  // Every word is one that a file may say.
  for (const auto& setting : now) {
    FieldValue value;
    std::string problem;
    const std::string word = format_field(*setting.field, setting.value);
    EXPECT_TRUE(parse_field(*setting.field, word, value, problem))
        << setting.field->key << " " << word << ": " << problem;
    EXPECT_EQ(value, setting.value) << setting.field->key << " " << word;
  }
}

class EveryKind : public KindsTest, public testing::WithParamInterface<const LinkKind*> {};

TEST_P(EveryKind, ShowsWhatWasSet) {
  const LinkKind& kind = *GetParam();
  if (kind.by_device) GTEST_SKIP() << "made by ioctl: see KindsE2e";
  if (lacks(kind))
    GTEST_SKIP() << "this kernel has no " << kind.name << " (" << kind.kernel_option << ")";
  const auto probes = make_all(kind);
  std::map<std::string, nlohmann::json> shown;
  for (const auto& link : ip_json("k", "-d link show")) shown[link["ifname"]] = link;
  std::map<std::string, LinkState> states;
  for (auto& state : observe_links(*socket_)) states.emplace(state.name, state);
  for (const auto& probe : probes) {
    const Field& field = *probe.field;
    SCOPED_TRACE(fmt::format("{} {} {}", kind.name, field.key, json_of(field, probe.value)));
    if (field.option != nullptr && is_lacking(field)) continue;
    EXPECT_TRUE(probe.ack.ok()) << errno_sentence(probe.ack.error) << " " << probe.ack.sentence
                                << " " << probe.ack.attribute;
    if (!probe.ack.ok() || kNotShown.contains(fmt::format("{}.{}", kind.name, field.key))) continue;
    expect_read_back(probe, states.at(probe.name));
    const auto& data = shown[probe.name]["linkinfo"]["info_data"];
    if (data.contains("flags") && data["flags"].is_array() && field.bit != 0) {
      const bool on =
          data["flags"].dump().find("\"" + upper(field.key) + "\"") != std::string::npos;
      EXPECT_EQ(FieldValue(std::uint64_t{on ? 1U : 0U}), probe.value) << data;
      continue;
    }
    const auto* value = find_deep(data, ip_word(kind, field));
    const bool off = probe.value == FieldValue(std::uint64_t{0});
    // Some flags are shown by being there.
    EXPECT_TRUE(value != nullptr ? same(*value, field, probe.value) : off) << data;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryKind,
                         testing::ValuesIn(link_kinds().begin(), link_kinds().end()),
                         [](const auto& kind) { return std::string(kind.param->name); });

}  // namespace
}  // namespace netyard::test
