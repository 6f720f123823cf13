// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/export_view.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

/// A key that says what is so without it.
struct Usual {
  const char* key;
  nlohmann::json value;
};

void drop_usual(nlohmann::json& words, std::initializer_list<Usual> usual) {
  for (const auto& [key, value] : usual) {
    if (words.contains(key) && words[key] == value) words.erase(key);
  }
}

OrderedJson ordered(const nlohmann::json& words) {
  return OrderedJson::parse(words.dump());
}

// Link-local, from the MAC address: made by the kernel when the link comes up.
bool is_own(const AddressState& address, const LinkState& link) {
  if (address.prefix.family() != Family::ipv6 || !address.link_local || !link.mac) return false;
  const auto& mac = link.mac->bytes;
  const std::string made = fmt::format("fe80::{:02x}{:02x}:{:02x}ff:fe{:02x}:{:02x}{:02x}",
                                       mac[0] ^ 2, mac[1], mac[2], mac[3], mac[4], mac[5]);
  const auto expected = IpAddress::parse(made);
  return expected && *expected == address.prefix.address;
}

bool is_loopbacks(const AddressState& address, const LinkState& link) {
  const std::string text = address.prefix.to_string();
  return link.ifindex == kLoopback && (text == "127.0.0.1/8" || text == "::1/128");
}

OrderedJson address_entry(const AddressState& address, const LinkState& link, bool dad) {
  nlohmann::json words = address_words(address);
  const bool four = address.prefix.family() == Family::ipv4;
  for (const char* key : {"tentative", "link_local", "duplicate"}) words.erase(key);
  drop_usual(words, {{"valid", "forever"},
                     {"preferred", "forever"},
                     {"label", link.name},
                     {"scope", "global"},
                     {"dad", dad}});
  if (four && !address.details.peer && address.prefix.length < 31 && link.ifindex != kLoopback) {
    const auto all = address.prefix.broadcast();
    if (!words.contains("broadcast")) words["broadcast"] = "none";
    if (all) drop_usual(words, {{"broadcast", all->to_string()}});
  }
  if (words.size() == 1) return words["address"].get<std::string>();
  return ordered(words);
}

void export_addresses(NamespaceView& view, bool dad, const Note& note) {
  for (const auto& address : view.addresses) {
    const LinkState* link = view.find(address.ifindex);
    if (link == nullptr || view.left_out.contains(link->name)) continue;
    if (is_own(address, *link) || is_loopbacks(address, *link)) continue;
    if (address.link_local && address.prefix.family() == Family::ipv6) {
      note(fmt::format("{}:{} has {}, which is not of its MAC address: that comes beside it",
                       view.name, link->name, address.prefix.to_string()));
    }
    const LinkState* master = view.find(link->master);
    if (master != nullptr && master->kind == "bridge") {
      note(fmt::format("{}:{} is a port of a bridge: its address {} is left out", view.name,
                       link->name, address.prefix.to_string()));
      continue;
    }
    const char* key = address.prefix.family() == Family::ipv4 ? "ipv4" : "ipv6";
    view.node["interfaces"][link->name][key].push_back(address_entry(address, *link, dad));
  }
}

bool uses_left_out(const NamespaceView& view, const nlohmann::json& words) {
  if (words.contains("dev") && view.left_out.contains(words["dev"].get<std::string>())) return true;
  if (!words.contains("hops")) return false;
  return std::any_of(words["hops"].begin(), words["hops"].end(),
                     [&](const auto& hop) { return uses_left_out(view, hop); });
}

void export_routes(NamespaceView& view, const nlohmann::json& routes, const Note& note) {
  for (nlohmann::json words : routes) {
    const std::string protocol = words.value("protocol", "");
    if (protocol == "kernel") continue;
    const std::string route = words["to"].get<std::string>();
    if (protocol == "ra" || protocol == "redirect") {
      note(fmt::format("{}: route {} comes from the network ({})", view.name, route, protocol));
      continue;
    }
    if (words.contains("unsaid")) {
      note(fmt::format("{}: route {} is left out: a file has no word for {}", view.name, route,
                       words["unsaid"].get<std::string>()));
      continue;
    }
    if (uses_left_out(view, words)) {
      note(fmt::format("{}: route {} leads over a link that is left out", view.name, route));
      continue;
    }
    if (protocol != "boot" && protocol != "static") {
      note(fmt::format("{}: route {} is of protocol {}, and will be of protocol static", view.name,
                       route, protocol));
    }
    words.erase("protocol");
    // The object says what becomes of packets.
    if (words.contains("nexthop") && words.value("type", "") == "blackhole") words.erase("type");
    const bool six = route.find(':') != std::string::npos;
    const bool has_way = words.contains("via");
    drop_usual(words, {{"type", "unicast"},
                       {"pref", "medium"},
                       {"scope", has_way || words.contains("hops") || words.contains("nexthop")
                                     ? "global"
                                     : "link"}});
    if (!words.contains("dev") && !has_way) drop_usual(words, {{"scope", "global"}});
    if (!words.contains("type") || words["type"] != "local") drop_usual(words, {{"table", "main"}});
    if (six) drop_usual(words, {{"metric", 1024}});
    // IPv6 routes that lead nowhere show lo.
    const std::string type = words.value("type", "");
    if (type == "blackhole" || type == "unreachable" || type == "prohibit" || type == "throw") {
      words.erase("dev");
    }
    // `default` is of the gateway's family.
    const bool same = has_way && words["via"].get<std::string>().find(':') != std::string::npos;
    if (has_way && same == six && route.ends_with("/0")) words["to"] = "default";
    view.node["routes"].push_back(ordered(words));
  }
}

// Those of every namespace, by family and priority: lookup local, main, default.
constexpr std::pair<const char*, std::uint32_t> kUsualRules[] = {
    {"ipv4", 0}, {"ipv4", 32766}, {"ipv4", 32767}, {"ipv6", 0}, {"ipv6", 32766}};

void note_missing_rules(const NamespaceView& view, const nlohmann::json& rules, const Note& note) {
  const auto has = [&](const char* family, std::uint32_t priority) {
    return std::any_of(rules.begin(), rules.end(), [&](const auto& rule) {
      return rule["family"] == family && rule["priority"] == priority;
    });
  };
  // A kernel without policy routing, or without IPv6, has none at all.
  for (const auto& [family, priority] : kUsualRules) {
    const bool any = std::any_of(rules.begin(), rules.end(), [&, family = family](const auto& r) {
      return r["family"] == family;
    });
    if (!any || has(family, priority)) continue;
    note(fmt::format("{}: the rule {} of {} is missing, and will be there", view.name, priority,
                     family));
  }
}

void export_rules(NamespaceView& view, const nlohmann::json& rules, const Note& note) {
  note_missing_rules(view, rules, note);
  for (nlohmann::json words : rules) {
    if (words.value("protocol", "") == "kernel") continue;
    words.erase("protocol");
    if (words.contains("from") || words.contains("to")) words.erase("family");
    view.node["rules"].push_back(ordered(words));
  }
}

void export_neighbors(NamespaceView& view, const nlohmann::json& neighbors) {
  for (nlohmann::json words : neighbors) {
    const bool kept = words.value("proxy", false) || words.value("state", "") == "permanent" ||
                      words.value("extern_learn", false);
    if (!kept || uses_left_out(view, words)) continue;
    drop_usual(words, {{"state", "permanent"}});
    view.node["neighbors"].push_back(ordered(words));
  }
}

void export_nexthops(NamespaceView& view, const nlohmann::json& nexthops, const Note& note) {
  for (nlohmann::json words : nexthops) {
    if (words.contains("unsaid") || uses_left_out(view, words)) {
      note(fmt::format("{}: nexthop {} is left out: {}", view.name,
                       words["id"].get<std::uint32_t>(),
                       words.contains("unsaid") ? "a file has no word for its encapsulation"
                                                : "it leads over a link that is left out"));
      continue;
    }
    const std::string id = std::to_string(words["id"].get<std::uint32_t>());
    words.erase("id");
    words.erase("protocol");
    if (words.contains("via")) words.erase("family");
    view.node["nexthops"][id] = ordered(words);
  }
}

// Whether new links ask whether somebody has their addresses.
bool detects_duplicates(const NamespaceView& view) {
  const NamespaceScope inside(view.fd.get());
  try {
    return !read_file("/proc/sys/net/ipv6/conf/default/accept_dad", 16).starts_with('0');
  } catch (const Error&) {  // no IPv6
    return false;
  }
}

}  // namespace

void export_layer3(NamespaceView& view, const Note& note) {
  const bool dad = detects_duplicates(view);
  if (dad) view.node["dad"] = true;
  export_addresses(view, dad, note);
  const nlohmann::json words = layer3_words(view.socket, view.names);
  export_nexthops(view, words["nexthops"], note);
  export_routes(view, words["routes"], note);
  for (const auto& route : words["mpls"]) view.node["mpls"].push_back(ordered(route));
  export_rules(view, words["rules"], note);
  export_neighbors(view, words["neighbors"]);
}

}  // namespace netyard
