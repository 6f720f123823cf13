// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/address_reader.h"

namespace netyard::spec {
namespace {

constexpr std::size_t kLongestLabel = 15;  // IFNAMSIZ with its 0 byte

void read_address(Reader& reader, const Tree& value, AddressReading& out) {
  out.said = &value;
  out.address = reader.text(value, "an address");
}

void read_peer(Reader& reader, const Tree& value, AddressReading& out) {
  const auto word = reader.text(value, "an address");
  if (!word) return;
  const auto peer = IpPrefix::parse(word->value);
  if (!peer) {
    reader.error(value.at, fmt::format("'{}' is no address of a peer", word->value),
                 "as in 10.0.0.2, or with a length 10.0.0.2/31");
  } else if (peer->family() != out.family) {
    reader.error(value.at,
                 fmt::format("the peer {} is {}, the address {}", word->value,
                             netyard::to_string(peer->family()), netyard::to_string(out.family)));
  } else {
    out.peer = {*peer, value.at};
  }
}

void read_broadcast(Reader& reader, const Tree& value, AddressReading& out) {
  out.only_ipv4(reader, value, "broadcast address");
  if (value.is_scalar() && value.text == "none") {
    out.details.no_broadcast = true;
  } else if (const auto address = reader.address(value)) {
    if (address->value.family != Family::ipv4) out.only_ipv4(reader, value, "broadcast address");
    out.details.broadcast = address->value;
  }
}

void read_label(Reader& reader, const Tree& value, AddressReading& out) {
  out.only_ipv4(reader, value, "label");
  const auto word = reader.word(value, "a label");
  if (!word) return;
  if (word->value.size() > kLongestLabel) {
    reader.error(value.at, fmt::format("label '{}' has {} bytes, at most {} go", word->value,
                                       word->value.size(), kLongestLabel));
  }
  out.details.label = word->value;
  out.label_at = value.at;
}

void read_scope(Reader& reader, const Tree& value, AddressReading& out) {
  out.only_ipv4(reader, value, "scope of its own");
  const auto scope = read_named(reader, value, "scope", scope_names(), 0, 254);
  if (scope) out.details.scope = static_cast<std::uint8_t>(scope->value);
}

// Whole seconds, or forever.
std::optional<std::uint32_t> read_lifetime(Reader& reader, const Tree& value) {
  if (value.is_scalar() && value.text == "forever") return kForever;
  const auto time = reader.duration(value);
  if (!time) return {};
  if (time->count() % 1000 == 0) return static_cast<std::uint32_t>(time->count() / 1000);
  reader.error(value.at, "lifetimes are whole seconds", "as in 90s, 1h or forever");
  return {};
}

void read_valid(Reader& reader, const Tree& value, AddressReading& out) {
  const auto seconds = read_lifetime(reader, value);
  if (seconds == 0U) reader.error(value.at, "an address that is valid for no time is none");
  if (seconds) out.details.valid = *seconds;
}

void read_preferred(Reader& reader, const Tree& value, AddressReading& out) {
  out.preferred_at = value.at;
  if (const auto seconds = read_lifetime(reader, value)) out.details.preferred = *seconds;
}

void read_dad(Reader& reader, const Tree& value, AddressReading& out) {
  out.only_ipv6(reader, value, "duplicate address detection");
  out.dad = reader.boolean(value);
}

template <bool AddressDetails::*Member, bool Ipv6>
void read_flag(Reader& reader, const Tree& value, AddressReading& out) {
  if (Ipv6) out.only_ipv6(reader, value, "such flag");
  out.details.*Member = reader.boolean(value).value_or(false);
}

constexpr Key<AddressReading> kAddressKeys[] = {
    {"address", "address", "the address, with its prefix length unless there is a peer",
     read_address},
    {"peer", "address", "address of the far end; the prefix length is its", read_peer},
    {"broadcast", "address", "IPv4: broadcast address, or none", read_broadcast},
    {"label", "string", "IPv4: the name of the interface, or that, ':' and more", read_label},
    {"scope", "scope", "IPv4: global, link, host or a number", read_scope},
    {"valid", "duration", "how long it is there: a time, or forever", read_valid},
    {"preferred", "duration", "how long it is used for new connections: a time, or forever",
     read_preferred},
    {"metric", "number", "of the route that comes along",
     [](Reader& reader, const Tree& value, AddressReading& out) {
       if (const auto number = reader.number(value, 1, UINT32_MAX)) {
         out.details.metric = number->value;
       }
     }},
    {"dad", "boolean", "IPv6: duplicate address detection, which 'up' waits for", read_dad},
    {"noprefixroute", "boolean", "no route comes along",
     read_flag<&AddressDetails::noprefixroute, false>},
    {"home", "boolean", "IPv6: home address, RFC 6275", read_flag<&AddressDetails::home, true>},
    {"mngtmpaddr", "boolean", "IPv6: temporary addresses are made from it",
     read_flag<&AddressDetails::mngtmpaddr, true>},
    {"autojoin", "boolean", "joins the multicast group that the address is",
     read_flag<&AddressDetails::autojoin, false>},
};

// The prefix of an address with a peer: its own address, the peer's length.
std::optional<IpPrefix> beside_peer(Reader& reader, AddressReading& reading) {
  const auto own = IpPrefix::parse(reading.address->value);
  const bool has_length = reading.address->value.find('/') != std::string::npos;
  if (!own || own->family() != reading.family) {
    reader.error(reading.address->at, fmt::format("'{}' is no {} address", reading.address->value,
                                                  netyard::to_string(reading.family)));
    return {};
  }
  if (has_length && own->length != reading.peer->value.length) {
    reader.error(reading.address->at, "with a peer the prefix length is that of the peer",
                 fmt::format("write {} here", own->address.to_string()));
  }
  if (own->address == reading.peer->value.address) {
    reader.error(reading.peer->at, "the address and its peer are the same");
  }
  reading.details.peer = reading.peer->value.address;
  return IpPrefix{own->address, reading.peer->value.length};
}

std::optional<IpPrefix> multicast(Reader& reader, const AddressReading& reading) {
  const auto own = IpPrefix::parse(reading.address->value);
  if (own && own->family() == reading.family && own->address.is_multicast()) return own;
  reader.error(reading.address->at, "only a multicast address can be joined",
               "as in 224.1.2.3/32 or ff05::1:3/128");
  return {};
}

std::optional<IpPrefix> prefix_of(Reader& reader, AddressReading& reading) {
  if (reading.peer) return beside_peer(reader, reading);
  if (reading.details.autojoin) return multicast(reader, reading);
  const auto plain = reader.interface_address(*reading.said, reading.family, reading.loopback);
  return plain ? std::optional(plain->value) : std::nullopt;
}

}  // namespace

void AddressReading::only_ipv4(Reader& reader, const Tree& value, const char* what) const {
  if (family != Family::ipv4) {
    reader.error(value.at, fmt::format("an IPv6 address has no {}", what));
  }
}
void AddressReading::only_ipv6(Reader& reader, const Tree& value, const char* what) const {
  if (family != Family::ipv6) {
    reader.error(value.at, fmt::format("an IPv4 address has no {}", what));
  }
}

std::span<const Key<AddressReading>> address_keys() {
  return kAddressKeys;
}

std::optional<InterfaceAddress> read_long_address(Reader& reader, const Tree& value, Family family,
                                                  bool loopback) {
  AddressReading reading;
  reading.family = family;
  reading.loopback = loopback;
  const std::size_t mistakes = reader.errors();
  read_mapping<AddressReading>(reader, value, kAddressKeys, reading);
  if (reading.said == nullptr) reader.error(value.at, "the address has no 'address'");
  if (reader.errors() != mistakes) return {};
  if (reading.details.preferred == kForever) reading.details.preferred = reading.details.valid;
  if (reading.details.preferred > reading.details.valid) {
    reader.error(reading.preferred_at, "the address is preferred for longer than it is valid");
  }
  const auto prefix = prefix_of(reader, reading);
  if (!prefix || reader.errors() != mistakes) return {};
  return InterfaceAddress{*prefix, reading.address->at, reading.details, reading.dad,
                          reading.label_at};
}

}  // namespace netyard::spec
