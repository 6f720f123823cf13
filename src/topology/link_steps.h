// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "netlink/link.h"
#include "topology/planned_details.h"

namespace netyard {

struct AlternativeNames {
  std::vector<std::string> names;
  friend bool operator==(const AlternativeNames&, const AlternativeNames&) = default;
};
struct AddVlans {
  std::vector<BridgeVlan> vlans;
  bool is_bridge = false;
  friend bool operator==(const AddVlans&, const AddVlans&) = default;
};
struct RemoveVlan {
  std::uint16_t vlan = 0;
  bool is_bridge = false;
  friend bool operator==(const RemoveVlan&, const RemoveVlan&) = default;
};

/// Fills a table that belongs to a link, by one message of rtnetlink.
struct FillTable {
  NodeId node = 0;
  std::uint32_t ifindex = 0;
  std::string link;
  std::variant<AlternativeNames, AddVlans, RemoveVlan, FdbEntry, MdbEntry> what;
  friend bool operator==(const FillTable&, const FillTable&) = default;
};

/// Makes a tun or tap, which netlink cannot.
struct CreateDevice {
  NodeId node = 0;
  NewLink link;
  friend bool operator==(const CreateDevice&, const CreateDevice&) = default;
};

/// Gives a wireguard link its keys and peers.
struct SetWireGuard {
  NodeId node = 0;
  std::size_t link_number = 0;  // into Topology::links
  std::string link;
  std::size_t peers = 0;
  friend bool operator==(const SetWireGuard&, const SetWireGuard&) = default;
};

/// Gives a macsec link its secure associations.
struct SetMacsec {
  NodeId node = 0;
  std::size_t link_number = 0;  // into Topology::links
  std::string link;
  std::size_t peers = 0;
  friend bool operator==(const SetMacsec&, const SetMacsec&) = default;
};

/// "set VLANs of", …, and what comes behind: "p1: 10, 20-30, 5 pvid untagged".
std::string operation_of(const FillTable& fill);
std::string table_words(const FillTable& fill);

}  // namespace netyard
