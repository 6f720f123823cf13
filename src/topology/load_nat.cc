// SPDX-License-Identifier: Apache-2.0
// `nat:` of a node.
#include <fmt/format.h>

#include <charconv>

#include "topology/reader.h"

namespace netyard::spec {
namespace {

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc() || end != text.data() + text.size() || port == 0) return {};
  return port;
}

std::optional<PortRange> read_ports(Reader& reader, const Tree& value) {
  const auto said = reader.text(value, "a port, or a range of them");
  if (!said) return {};
  const std::size_t dash = said->value.find('-');
  const auto first = port_number(said->value.substr(0, dash));
  const auto last = dash == std::string::npos ? first : port_number(said->value.substr(dash + 1));
  if (first && last && *first <= *last) return PortRange{*first, *last};
  reader.error(value.at, fmt::format("'{}' is no port and no range of them", said->value),
               "as in 8080 or 8000-8010");
  return {};
}

void read_interface(Reader& reader, const Tree& value, std::optional<Located<std::string>>& out) {
  out = reader.interface_name(value);
}

void read_prefix(Reader& reader, const Tree& value, std::optional<Located<IpPrefix>>& out) {
  const auto prefixes = reader.subnets(value);
  if (prefixes.size() > 1) reader.error(value.at, "expected one prefix");
  if (prefixes.size() == 1) out = prefixes.front();
}

// "10.0.0.2", "10.0.0.2:80", "[2001:db8::2]:80".
void read_to(Reader& reader, const Tree& value, Nat& nat) {
  const auto said = reader.text(value, "an address, with or without a port");
  if (!said) return;
  std::string address = said->value;
  std::string port;
  const std::size_t colon = address.rfind(':');
  const bool bracketed = address.starts_with('[');
  if (colon != std::string::npos && (bracketed || address.find(':') == colon)) {
    if (!address.ends_with(']')) {
      port = address.substr(colon + 1);
      address.resize(colon);
    }
    if (bracketed && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  }
  const auto parsed = IpAddress::parse(address);
  const auto number = port_number(port);
  if (!parsed || (!port.empty() && !number)) {
    reader.error(value.at, fmt::format("'{}' is no address, nor one with a port", said->value),
                 "as in 10.0.0.2, 10.0.0.2:80 or [2001:db8::2]:80");
    return;
  }
  nat.to = {*parsed, value.at};
  nat.to_port = number.value_or(0);
}

void read_protocols(Reader& reader, const Tree& value, Nat& nat) {
  for (const auto& word : reader.words(value, "tcp or udp")) {
    const bool known = word.value == "tcp" || word.value == "udp";
    if (known) nat.protocols.push_back(word.value);
    if (!known) reader.error(word.at, fmt::format("expected tcp or udp, found '{}'", word.value));
  }
}

void read_addresses(Reader& reader, const Tree& value, Nat& nat) {
  const auto add = [&](const Tree& one) {
    if (const auto address = reader.address(one)) nat.addresses.push_back(*address);
  };
  if (!value.is_sequence()) return add(value);
  for (const auto& item : value.items) add(*item);
}

void read_type(Reader& reader, const Tree& value, Nat& nat) {
  static constexpr const char* kWords[] = {"port-restricted", "restricted-cone", "full-cone",
                                           "symmetric"};
  const auto word = reader.choice(value, "a type of NAT", kWords);
  if (word) nat.type = static_cast<NatType>(*word);
}

void read_family(Reader& reader, const Tree& value, Nat& nat) {
  static constexpr const char* kWords[] = {"ipv4", "ipv6"};
  const auto word = reader.choice(value, "ipv4 or ipv6", kWords);
  if (word) nat.family = static_cast<Family>(*word);
}

constexpr Key<Nat> kNatKeys[] = {
    {"masquerade", "string", "interface: what leaves by it gets its address",
     [](Reader& r, const Tree& v, Nat& out) { read_interface(r, v, out.masquerade); }},
    {"from", "string", "masquerade: only packets from this prefix",
     [](Reader& r, const Tree& v, Nat& out) { read_prefix(r, v, out.from); }},
    {"type", "natType", "masquerade: how peers are treated; port-restricted when not given",
     read_type},
    {"family", "natFamily", "masquerade: ipv4 when not given", read_family},
    {"forward", "ports", "port or range that is sent on to an inner address",
     [](Reader& reader, const Tree& value, Nat& out) {
       if (const auto ports = read_ports(reader, value)) out.forward = {*ports, value.at};
     }},
    {"protocol", "words", "forward: tcp, udp or both; tcp when not given", read_protocols},
    {"to", "string", "forward, one_to_one: the inner address, for forward with or without a port",
     read_to},
    {"interface", "string", "forward, one_to_one: the outer interface",
     [](Reader& r, const Tree& v, Nat& out) { read_interface(r, v, out.interface); }},
    {"hairpin", "flag", "forward, one_to_one: also for those that are inside",
     [](Reader& reader, const Tree& value, Nat& out) {
       out.hairpin = reader.boolean(value).value_or(false);
     }},
    {"one_to_one", "address", "outer address that stands for an inner one",
     [](Reader& r, const Tree& value, Nat& out) { out.one_to_one = r.address(value); }},
    {"cgnat", "string", "interface: each subscriber gets a block of ports of a shared address",
     [](Reader& r, const Tree& v, Nat& out) { read_interface(r, v, out.cgnat); }},
    {"subscribers", "string", "cgnat: IPv4 prefix, at most 4096 addresses",
     [](Reader& r, const Tree& v, Nat& out) { read_prefix(r, v, out.subscribers); }},
    {"addresses", "addresses", "cgnat: shared addresses; the interface's when not given",
     read_addresses},
    {"ports", "ports", "cgnat: ports of an address that are given out; 1024-65535 when not given",
     [](Reader& reader, const Tree& value, Nat& out) {
       if (const auto ports = read_ports(reader, value)) out.ports = *ports;
     }},
    {"block", "number", "cgnat: ports a subscriber gets; 1008 when not given",
     [](Reader& reader, const Tree& value, Nat& out) {
       if (const auto block = reader.number(value, 1, UINT16_MAX)) out.block = block->value;
     }},
};

// Which keys go with each way of translating, and which of them it needs.
struct Way {
  const char* key;
  std::vector<std::string> takes;
  const char* needs;
};
const std::vector<Way>& ways() {
  static const std::vector<Way> kWays = {
      {"masquerade", {"from", "type", "family"}, nullptr},
      {"forward", {"protocol", "to", "interface", "hairpin"}, "to"},
      {"one_to_one", {"to", "interface", "hairpin"}, "to"},
      {"cgnat", {"subscribers", "addresses", "ports", "block"}, "subscribers"},
  };
  return kWays;
}

bool keys_fit(Reader& reader, const Tree& value) {
  const Way* way = nullptr;
  for (const auto& candidate : ways()) {
    if (value.find(candidate.key) == nullptr) continue;
    if (way != nullptr) {
      reader.error(
          value.find(candidate.key)->at,
          fmt::format("'{}' and '{}' are two ways of translating", way->key, candidate.key),
          "make them two items of the list");
      return false;
    }
    way = &candidate;
  }
  if (way == nullptr) {
    reader.error(value.at, "the item has none of masquerade, forward, one_to_one and cgnat");
    return false;
  }
  for (const auto& entry : value.entries) {
    const std::string& key = entry.key->text;
    const bool known = std::any_of(std::begin(kNatKeys), std::end(kNatKeys),
                                   [&](const auto& k) { return key == k.name; });
    const bool fits =
        key == way->key || std::find(way->takes.begin(), way->takes.end(), key) != way->takes.end();
    if (known && !fits) {
      reader.error(entry.key->at, fmt::format("'{}' does not go with '{}'", key, way->key));
      return false;
    }
  }
  if (way->needs == nullptr || value.find(way->needs) != nullptr) return true;
  reader.error(value.at, fmt::format("'{}' needs '{}'", way->key, way->needs));
  return false;
}

void read_item(Reader& reader, const Tree& value, Node& node) {
  Nat nat;
  nat.at = value.at;
  if (value.is_scalar()) {
    read_interface(reader, value, nat.masquerade);
    if (nat.masquerade) node.nat.push_back(std::move(nat));
    return;
  }
  if (!reader.expect(value, Tree::Kind::mapping, "an interface or a mapping")) return;
  if (!keys_fit(reader, value)) return;
  const std::size_t mistakes = reader.errors();
  read_mapping<Nat>(reader, value, kNatKeys, nat);
  if (reader.errors() == mistakes) node.nat.push_back(std::move(nat));
}

}  // namespace

std::span<const Key<Nat>> nat_keys() {
  return kNatKeys;
}

void read_nat(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null()) return;
  if (!value.is_sequence()) return read_item(reader, value, node);
  for (const auto& item : value.items) read_item(reader, *item, node);
}

}  // namespace netyard::spec
