// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/link_detail_keys.h"
#include "topology/load_traffic.h"
#include "topology/reader.h"

namespace netyard::spec {
namespace {

constexpr const char* kPhysical = "physical";

void read_type(Reader& reader, const Tree& value, Link& link) {
  const auto word = reader.text(value, "a kind of link");
  if (!word) return;
  link.physical = word->value == kPhysical;
  link.kind = find_link_kind(word->value);
  if (link.physical || link.kind != nullptr) return;
  std::vector<std::string> known = {kPhysical};
  std::string list = kPhysical;
  for (const LinkKind* kind : link_kinds()) {
    known.emplace_back(kind->name);
    list += std::string(", ") + kind->name;
  }
  const std::string hint = did_you_mean(word->value, known);
  reader.error(value.at, fmt::format("unknown kind of link '{}'", word->value),
               hint.empty() ? "there are " + list : hint);
}

void read_endpoints(Reader& reader, const Tree& value, Link& link) {
  if (!reader.expect(value, Tree::Kind::sequence, "a list of two endpoints")) return;
  for (const auto& item : value.items) {
    if (auto endpoint = read_endpoint(reader, *item))
      link.endpoints.push_back(std::move(*endpoint));
  }
}

void read_one_endpoint(Reader& reader, const Tree& value, Link& link) {
  if (auto endpoint = read_endpoint(reader, value)) link.endpoints.push_back(std::move(*endpoint));
}

void read_parent(Reader& reader, const Tree& value, Link& link) {
  const auto word = reader.text(value, "an interface");
  if (!word) return;
  if (word->value.find(':') != std::string::npos) {
    link.parent = read_endpoint(reader, value);
  } else if (const auto name = reader.interface_name(value)) {
    link.parent.emplace();
    link.parent->at = value.at;
    link.parent->interface.name = *name;
  }
}

constexpr Key<Link> kLinkKeys[] = {
    {"type", "linkType", "kind of the link; veth when not given", read_type},
    {"endpoints", "endpoints", "the two ends of a veth", read_endpoints},
    {"endpoint", "endpoint", "the end of a link of another kind", read_one_endpoint},
    {"subnet", "subnets", "subnet of the segment: ends without an address get one from it",
     [](Reader& reader, const Tree& value, Link& out) { out.subnets = reader.subnets(value); }},
    {"ipv4", "perEnd", "IPv4 addresses, one an end", nullptr},
    {"ipv6", "perEnd", "IPv6 addresses, one an end", nullptr},
    {"mac", "perEnd", "MAC addresses, one an end", nullptr},
    {"mtu", "mtu", "bytes, both ends",
     [](Reader& reader, const Tree& value, Link& out) { out.mtu = reader.mtu(value); }},
    {"cost", "number", "of both ends, for computed routes; 1 when not given",
     [](Reader& reader, const Tree& value, Link& out) {
       out.cost = reader.number(value, 1, kMostCost);
     }},
    {"parent", "string", "the link it stands on: an interface of the same node, or host:IF",
     read_parent},
    {"host", "string", "physical: name of the link on the host",
     [](Reader& reader, const Tree& value, Link& out) {
       if (auto name = reader.interface_name(value)) out.host_link = *name;
     }},
};

bool is_per_end(const std::string& key) {
  return key == "ipv4" || key == "ipv6" || key == "mac";
}

void read_end_value(Reader& reader, const std::string& key, const Tree& value,
                    Interface& interface) {
  const bool skipped = value.is_null() || (value.is_scalar() && value.text.empty());
  if (skipped) return;
  if (key == "mac") {
    interface.mac = reader.mac(value);
  } else {
    read_addresses(reader, value, key == "ipv4" ? Family::ipv4 : Family::ipv6, interface);
  }
}

void read_per_end(Reader& reader, const std::string& key, const Tree& value, Link& link) {
  if (link.endpoints.size() == 1) {
    read_end_value(reader, key, value, link.endpoints[0].interface);
    return;
  }
  if (!reader.expect(value, Tree::Kind::sequence, "a list, one an end")) return;
  if (value.items.size() > link.endpoints.size()) {
    reader.error(value.items[link.endpoints.size()]->at,
                 fmt::format("'{}' has {} values, the link has {} ends", key, value.items.size(),
                             link.endpoints.size()));
    return;
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    read_end_value(reader, key, *value.items[i], link.endpoints[i].interface);
  }
}

// Keys that are no single value.
bool read_structured(Reader& reader, const std::string& key, const Tree& value, Link& link) {
  const std::string_view kind = link.kind != nullptr ? link.kind->name : "";
  if (kind == "wireguard") return read_wireguard_key(reader, key, value, link.wireguard);
  return kind == "macsec" && read_macsec_key(reader, key, value, link.macsec);
}

bool read_kind_field(Reader& reader, const std::string& key, const Tree& value, Link& link) {
  const Field* field = link.kind != nullptr ? link.kind->find(key) : nullptr;
  if (field == nullptr && read_structured(reader, key, value, link)) return true;
  if (field == nullptr) return read_shared_traffic(reader, key, value, link.traffic);
  if (auto setting = reader.field(*field, value)) link.settings.push_back(std::move(*setting));
  return true;
}

std::vector<std::string> field_names(const LinkKind* kind) {
  std::vector<std::string> names = traffic_names();
  names.emplace_back("from");
  if (kind == nullptr) return names;
  for (const auto& field : kind->fields) names.emplace_back(field.key);
  for (const auto& field : kind->device_fields) names.emplace_back(field.key);
  for (const auto& key : kind->structured) {
    if (std::string_view(key.key).find(':') == std::string_view::npos) names.emplace_back(key.key);
  }
  return names;
}

const char* shown_kind(const Link& link) {
  return link.physical ? kPhysical : link.kind->name;
}

void check_ends(Reader& reader, const Tree& value, const Link& link) {
  const bool pair = !link.physical && link.kind->ordering == LinkClass::pair;
  const Tree* ends = value.find("endpoints");
  const Tree* end = value.find("endpoint");
  if (pair && end != nullptr) {
    reader.error(end->at, fmt::format("a {} has two ends", link.kind->name),
                 "write endpoints: [NODE:IF, NODE:IF]");
  } else if (pair && ends == nullptr) {
    reader.error(value.at, "the link has no 'endpoints'");
  } else if (pair && ends->is_sequence() && ends->items.size() != 2) {
    reader.error(ends->at,
                 fmt::format("a {} has two ends, here are {}", link.kind->name, ends->items.size()),
                 "more ends make a segment: see 'networks:'");
  } else if (!pair && ends != nullptr) {
    reader.error(ends->at, fmt::format("a {} link has one end", shown_kind(link)),
                 "write endpoint: NODE:IF");
  } else if (!pair && end == nullptr) {
    reader.error(value.at, "the link has no 'endpoint'");
  }
}

void check_fields(Reader& reader, const Tree& value, const Link& link) {
  if (link.physical && link.host_link.value.empty() && value.find("host") == nullptr) {
    reader.error(value.at, "a physical link needs 'host', the name of the link on the host");
  }
  if (!link.physical && value.find("host") != nullptr) {
    reader.error(value.find("host")->at, "'host' is for links of type physical");
  }
  const Tree* parent = value.find("parent");
  const bool stacked = !link.physical && link.kind->ordering == LinkClass::stacked;
  if (parent != nullptr && !stacked) {
    reader.error(parent->at, fmt::format("a {} link has no parent", shown_kind(link)));
  }
  if (link.physical) return;
  if (link.kind->parent_required && parent == nullptr) {
    reader.error(value.at,
                 fmt::format("a {} link needs 'parent', the link it stands on", link.kind->name));
  }
  for (const auto& field : link.kind->fields) {
    const bool spared = field.unless != nullptr && value.find(field.unless) != nullptr;
    if (field.required && !spared && value.find(field.key) == nullptr) {
      reader.error(value.at, fmt::format("a {} link needs '{}'", link.kind->name, field.key),
                   field.help);
    }
  }
}

// Of the defaults, what makes sense for this kind of link and is not said by the link itself.
Tree with_defaults(const Tree& own, const Tree* defaults, const Link& link) {
  Tree out = own;
  if (defaults == nullptr) return out;
  for (const auto& entry : defaults->entries) {
    const std::string& key = entry.key->text;
    const std::vector<std::string>& traffic = traffic_names();
    const bool pair = link.kind != nullptr && link.kind->ordering == LinkClass::pair;
    const bool shapes = pair && std::find(traffic.begin(), traffic.end(), key) != traffic.end();
    const bool fits =
        key == "mtu" || shapes || (link.kind != nullptr && link.kind->find(key) != nullptr);
    if (fits && own.find(key) == nullptr) out.entries.push_back(entry);
  }
  return out;
}

// A link with one end takes the keys of an interface for it, as far as its kind does not know them.
bool is_end_key(const Link& link, const std::string& key) {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names = link_detail_names();
    names.emplace_back("master");
    return names;
  }();
  const bool pair = link.kind != nullptr && link.kind->ordering == LinkClass::pair;
  if (pair || (link.kind != nullptr && link.kind->find(key) != nullptr)) return false;
  return std::find(kNames.begin(), kNames.end(), key) != kNames.end();
}

Tree without_ends(const Tree& tree, const Link& link) {
  Tree out = tree;
  std::erase_if(out.entries, [&](const Tree::Entry& entry) {
    const std::string& key = entry.key->text;
    return is_per_end(key) || key == "type" || is_end_key(link, key);
  });
  return out;
}

void read_end_key(Reader& reader, const Tree::Entry& entry, Interface& interface) {
  if (entry.key->text == "master") {
    interface.master = reader.interface_name(*entry.value);
  } else {
    read_link_detail(reader, entry.key->text, *entry.value, interface);
  }
}

// What the fields of one link make of each other.
void check_rules(Reader& reader, const Link& link) {
  if (link.kind == nullptr) return;
  std::vector<FieldSetting> settings;
  for (const auto& setting : link.settings) settings.push_back(setting.setting);
  const FieldRule* rule = broken_rule(*link.kind, settings);
  if (rule == nullptr) return;
  static constexpr const char* kWords[] = {"needs", "cannot be with", "is of another family than"};
  const auto at = std::find_if(link.settings.begin(), link.settings.end(), [&](const Setting& s) {
    return std::string_view(rule->key) == s.setting.field->key;
  });
  std::string other = rule->other;
  std::string_view words = rule->other_words;
  const bool none_of = words.starts_with('!');
  if (none_of) words.remove_prefix(1);
  if (!words.empty()) other += fmt::format(": {}{}", none_of ? "not " : "", words);
  reader.error(at->at,
               fmt::format("'{}' {} '{}'", rule->key,
                           kWords[static_cast<std::size_t>(rule->relation)], other),
               rule->why);
}

}  // namespace

std::span<const Key<Link>> link_keys() {
  return kLinkKeys;
}

void read_link(Reader& reader, const Tree& value, const Tree* defaults, File& file) {
  if (!reader.expect(value, Tree::Kind::mapping, "a link, a mapping")) return;
  Link link;
  link.at = value.at;
  link.kind = find_link_kind("veth");
  if (const Tree* type = value.find("type")) read_type(reader, *type, link);
  if (!link.physical && link.kind == nullptr) return;
  check_ends(reader, value, link);
  check_fields(reader, value, link);
  const Tree merged = with_defaults(value, defaults, link);
  read_mapping<Link>(reader, without_ends(merged, link), kLinkKeys, link, read_kind_field,
                     field_names(link.kind));
  const std::size_t wanted = !link.physical && link.kind->ordering == LinkClass::pair ? 2 : 1;
  if (link.endpoints.size() != wanted) return;  // said above
  for (const auto& entry : merged.entries) {
    if (is_per_end(entry.key->text)) read_per_end(reader, entry.key->text, *entry.value, link);
    if (is_end_key(link, entry.key->text)) {
      read_end_key(reader, entry, link.endpoints.front().interface);
    }
  }
  check_rules(reader, link);
  check_wireguard(reader, value, link.wireguard);
  check_macsec(reader, value, link.macsec);
  file.links.push_back(std::move(link));
}

}  // namespace netyard::spec
