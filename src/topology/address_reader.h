// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/layer3_reader.h"

namespace netyard::spec {

/// An address as far as it is read.
struct AddressReading {
  Family family = Family::ipv4;
  bool loopback = false;  // of lo: needs no length
  const Tree* said = nullptr;
  std::optional<Located<std::string>> address;
  std::optional<Located<IpPrefix>> peer;
  AddressDetails details;
  std::optional<bool> dad;
  Location label_at;
  Location preferred_at;

  void only_ipv4(Reader& reader, const Tree& value, const char* what) const;
  void only_ipv6(Reader& reader, const Tree& value, const char* what) const;
};

// load_address.cc
std::span<const Key<AddressReading>> address_keys();
/// An address written as a mapping.
std::optional<InterfaceAddress> read_long_address(Reader& reader, const Tree& value, Family family,
                                                  bool loopback);

}  // namespace netyard::spec
