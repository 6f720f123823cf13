// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>

#include "netlink/link.h"
#include "topology/link_detail_keys.h"

namespace netyard::spec {
namespace {

constexpr std::uint32_t kLastVlan = 4094;

void read_altnames(Reader& reader, const Tree& value, Interface& out) {
  for (auto& name : reader.words(value, "a name")) {
    // Alternative names may be longer than IFNAMSIZ (ALTIFNAMSIZ is 128).
    const bool odd = name.value.empty() || name.value.size() > 127 ||
                     name.value.find_first_of(" \t/:%") != std::string::npos;
    if (odd) {
      reader.error(name.at, fmt::format("'{}' is no name for an interface", name.value),
                   "1 to 127 bytes, no '/', ':', '%' or blank");
    } else {
      out.details.altnames.push_back(std::move(name));
    }
  }
}

void read_port(Reader& reader, const Tree& value, Interface& out) {
  if (!reader.expect(value, Tree::Kind::mapping, "a mapping of settings of a port")) return;
  for (const auto& entry : value.entries) {
    if (const auto text = reader.listed(*entry.value)) {
      out.details.port.push_back({{entry.key->text, entry.key->at}, *text});
    }
  }
}

std::optional<BridgeVlan> vlan_range(const std::string& word) {
  BridgeVlan out;
  const std::size_t dash = word.find('-');
  const auto number = [](std::string_view text, std::uint16_t& into) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), into);
    return failed == std::errc() && end == text.data() + text.size() && into >= 1 &&
           into <= kLastVlan;
  };
  if (!number(std::string_view(word).substr(0, dash), out.first)) return {};
  out.last = out.first;
  if (dash == std::string::npos) return out;
  if (!number(std::string_view(word).substr(dash + 1), out.last) || out.last < out.first) return {};
  return out;
}

void bad_vlan(Reader& reader, const Location& at, const std::string& said) {
  reader.error(at, fmt::format("'{}' is no VLAN", said),
               "a number from 1 to 4094, or two with '-' between");
}

// "5 pvid untagged", as bridge(8) has it.
std::optional<BridgeVlan> brief_vlan(Reader& reader, const Tree& value) {
  const auto text = reader.text(value, "a VLAN");
  if (!text) return {};
  const std::string& said = text->value;
  const std::size_t blank = said.find(' ');
  auto out = vlan_range(said.substr(0, blank));
  if (!out) {
    bad_vlan(reader, value.at, said);
    return {};
  }
  for (std::size_t at = blank; at != std::string::npos;) {
    const std::size_t begin = said.find_first_not_of(' ', at);
    if (begin == std::string::npos) break;
    at = said.find(' ', begin);
    const std::string word = said.substr(begin, at - begin);
    if (word == "pvid") {
      out->pvid = true;
    } else if (word == "untagged") {
      out->untagged = true;
    } else {
      reader.error(value.at, fmt::format("'{}' is unknown here", word),
                   "behind a VLAN there may be pvid and untagged");
      return {};
    }
  }
  return out;
}

constexpr Key<BridgeVlan> kVlanKeys[] = {
    {"vid", "string", "the VLAN, or first and last with '-' between",
     [](Reader& reader, const Tree& value, BridgeVlan& out) {
       const auto text = reader.text(value, "a VLAN");
       if (!text) return;
       const auto range = vlan_range(text->value);
       if (!range) return bad_vlan(reader, value.at, text->value);
       out.first = range->first;
       out.last = range->last;
     }},
    {"pvid", "scalar", "of frames that come in untagged",
     [](Reader& reader, const Tree& value, BridgeVlan& out) {
       out.pvid = reader.boolean(value).value_or(false);
     }},
    {"untagged", "scalar", "its frames leave without tag",
     [](Reader& reader, const Tree& value, BridgeVlan& out) {
       out.untagged = reader.boolean(value).value_or(false);
     }},
    {"tunnel", "number", "tunnel id; with vlan_tunnel of the port",
     [](Reader& reader, const Tree& value, BridgeVlan& out) {
       if (const auto id = reader.number(value, 1, 0xffffff)) out.tunnel = id->value;
     }},
};

std::optional<BridgeVlan> read_vlan(Reader& reader, const Tree& value) {
  if (value.is_scalar()) return brief_vlan(reader, value);
  if (!reader.expect(value, Tree::Kind::mapping, "a VLAN or a mapping")) return {};
  BridgeVlan out;
  const std::size_t mistakes = reader.errors();
  read_mapping<BridgeVlan>(reader, value, kVlanKeys, out);
  if (out.first == 0 && value.find("vid") == nullptr) {
    reader.error(value.at, "the VLAN has no 'vid'");
  }
  if (reader.errors() != mistakes) return {};
  return out;
}

void read_vlans(Reader& reader, const Tree& value, Interface& out) {
  auto& vlans = out.details.vlans.emplace();
  const auto take = [&](const Tree& item) {
    if (const auto vlan = read_vlan(reader, item)) vlans.push_back({*vlan, item.at});
  };
  if (value.is_sequence()) {
    for (const auto& item : value.items) take(*item);
  } else if (!value.is_null()) {
    take(value);
  }
}

// Also all zero, the entry of unknown addresses, and groups.
void read_table_mac(Reader& reader, const Tree& value, MacAddress& out) {
  const auto text = reader.text(value, "a MAC address");
  if (!text) return;
  const auto mac = MacAddress::parse(text->value);
  if (!mac) return reader.error(value.at, fmt::format("'{}' is no MAC address", text->value));
  out = *mac;
}

template <class T, class Member>
void read_table_number(Reader& reader, const Tree& value, T& out, Member member, std::uint32_t min,
                       std::uint32_t max) {
  if (const auto number = reader.number(value, min, max)) {
    out.entry.*member =
        static_cast<std::remove_reference_t<decltype(out.entry.*member)>>(number->value);
  }
}

constexpr const char* kLives[] = {"permanent", "static", "dynamic"};

constexpr Key<Fdb> kFdbKeys[] = {
    {"mac", "mac", "the address; all zero stands for unknown ones",
     [](Reader& reader, const Tree& value, Fdb& out) {
       read_table_mac(reader, value, out.entry.mac);
     }},
    {"dst", "address", "vxlan: the end that it is behind",
     [](Reader& reader, const Tree& value, Fdb& out) {
       if (const auto address = reader.address(value)) out.entry.remote = address->value;
     }},
    {"port", "number", "vxlan: UDP port of that end",
     [](Reader& reader, const Tree& value, Fdb& out) {
       read_table_number(reader, value, out, &FdbEntry::port, 1, 65535);
     }},
    {"vni", "number", "vxlan: VNI to send with",
     [](Reader& reader, const Tree& value, Fdb& out) {
       read_table_number(reader, value, out, &FdbEntry::vni, 0, 0xffffff);
     }},
    {"src_vni", "number", "external vxlan: VNI that the entry is for",
     [](Reader& reader, const Tree& value, Fdb& out) {
       read_table_number(reader, value, out, &FdbEntry::source_vni, 0, 0xffffff);
     }},
    {"via", "string", "vxlan: interface that packets leave by",
     [](Reader& reader, const Tree& value, Fdb& out) { out.via = reader.interface_name(value); }},
    {"vlan", "number", "VLAN",
     [](Reader& reader, const Tree& value, Fdb& out) {
       read_table_number(reader, value, out, &FdbEntry::vlan, 1, kLastVlan);
     }},
    {"state", "string", "static, permanent (the bridge's own) or dynamic (it ages)",
     [](Reader& reader, const Tree& value, Fdb& out) {
       if (const auto index = reader.choice(value, "a state", kLives)) {
         out.entry.life = static_cast<FdbEntry::Life>(*index);
       }
     }},
    {"self", "scalar", "an entry of the link, not of its bridge",
     [](Reader& reader, const Tree& value, Fdb& out) {
       out.entry.self = reader.boolean(value).value_or(false);
       out.self_given = true;
     }},
};

constexpr Key<Mdb> kMdbKeys[] = {
    {"group", "string", "the group, an IP or a MAC address",
     [](Reader& reader, const Tree& value, Mdb& out) {
       const auto text = reader.text(value, "a multicast address");
       if (!text) return;
       out.entry.group = IpAddress::parse(text->value);
       out.entry.mac = MacAddress::parse(text->value);
       const bool right = out.entry.group ? out.entry.group->is_multicast()
                                          : out.entry.mac && out.entry.mac->is_multicast();
       if (!right) {
         reader.error(value.at, fmt::format("'{}' is no multicast address", text->value));
       }
     }},
    {"port", "string", "the port that wants it",
     [](Reader& reader, const Tree& value, Mdb& out) {
       if (auto name = reader.interface_name(value)) out.port = std::move(*name);
     }},
    {"vlan", "number", "VLAN",
     [](Reader& reader, const Tree& value, Mdb& out) {
       read_table_number(reader, value, out, &MdbEntry::vlan, 1, kLastVlan);
     }},
    {"permanent", "scalar", "does not age; true when not given",
     [](Reader& reader, const Tree& value, Mdb& out) {
       out.entry.permanent = reader.boolean(value).value_or(true);
     }},
};

template <class T, class Keys>
void read_entries(Reader& reader, const Tree& value, const Keys& keys, const char* needed,
                  std::vector<T>& out) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of mappings")) return;
  for (const auto& item : value.items) {
    if (!reader.expect(*item, Tree::Kind::mapping, "a mapping")) continue;
    T entry;
    entry.at = item->at;
    const std::size_t mistakes = reader.errors();
    read_mapping<T>(reader, *item, std::span<const Key<T>>(keys), entry);
    if (item->find(needed) == nullptr) {
      reader.error(item->at, fmt::format("the entry has no '{}'", needed));
    }
    if (reader.errors() == mistakes) out.push_back(std::move(entry));
  }
}

constexpr Key<Interface> kLinkDetailsKeys[] = {
    {"up", "scalar", "false leaves it down",
     [](Reader& reader, const Tree& value, Interface& out) {
       if (const auto up = reader.boolean(value)) out.details.up = {*up, value.at};
     }},
    {"altnames", "listed", "further names", read_altnames},
    {"port", "linkPort", "settings of a port of a bridge or bond: see docs/kinds.md", read_port},
    {"vlans", "vlans", "VLANs of a port of a bridge, or of the bridge", read_vlans},
    {"fdb", "fdb", "entries of the forwarding table",
     [](Reader& reader, const Tree& value, Interface& out) {
       read_entries(reader, value, kFdbKeys, "mac", out.details.fdb);
     }},
    {"mdb", "mdb", "bridge: entries of the table of multicast groups",
     [](Reader& reader, const Tree& value, Interface& out) {
       read_entries(reader, value, kMdbKeys, "group", out.details.mdb);
     }},
};

}  // namespace

std::span<const Key<Interface>> link_detail_keys() {
  return kLinkDetailsKeys;
}
std::span<const Key<BridgeVlan>> vlan_keys() {
  return kVlanKeys;
}
std::span<const Key<Fdb>> fdb_keys() {
  return kFdbKeys;
}
std::span<const Key<Mdb>> mdb_keys() {
  return kMdbKeys;
}

bool read_link_detail(Reader& reader, const std::string& key, const Tree& value, Interface& out) {
  for (const auto& known : kLinkDetailsKeys) {
    if (key != known.name) continue;
    known.read(reader, value, out);
    return true;
  }
  const Field* field = find_link_field(key);
  if (field == nullptr) return false;
  if (auto setting = reader.field(*field, value)) {
    out.details.common.emplace_back(std::move(setting->setting), value.at);
  }
  return true;
}

std::vector<std::string> link_detail_names() {
  std::vector<std::string> names;
  for (const auto& key : kLinkDetailsKeys) names.emplace_back(key.name);
  for (const auto& field : link_fields()) names.emplace_back(field.key);
  return names;
}

}  // namespace netyard::spec
