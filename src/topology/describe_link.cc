// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/link_steps.h"

namespace netyard {
namespace {

std::string words_of(const BridgeVlan& vlan) {
  std::string out = vlan.first == vlan.last ? std::to_string(vlan.first)
                                            : fmt::format("{}-{}", vlan.first, vlan.last);
  if (vlan.pvid) out += " pvid";
  if (vlan.untagged) out += " untagged";
  if (vlan.tunnel != 0) out += fmt::format(" tunnel {}", vlan.tunnel);
  return out;
}

std::string words_of(const AlternativeNames& names) {
  std::string out;
  for (const auto& name : names.names) out += " " + name;
  return out;
}

std::string words_of(const AddVlans& add) {
  std::string out;
  for (const auto& vlan : add.vlans) out += (out.empty() ? " " : ", ") + words_of(vlan);
  return out;
}

std::string words_of(const RemoveVlan& remove) {
  return fmt::format(" {}", remove.vlan);
}

std::string words_of(const FdbEntry& entry) {
  static constexpr const char* kLives[] = {"permanent", "static", "dynamic"};
  std::string out = " " + entry.mac.to_string();
  if (entry.vlan != 0) out += fmt::format(" vlan {}", entry.vlan);
  if (entry.remote) out += " dst " + entry.remote->to_string();
  if (entry.port != 0) out += fmt::format(" port {}", entry.port);
  if (entry.vni) out += fmt::format(" vni {}", *entry.vni);
  return out + " " + kLives[static_cast<std::size_t>(entry.life)];
}

std::string words_of(const MdbEntry& entry) {
  std::string out = " " + (entry.mac ? entry.mac->to_string() : entry.group->to_string());
  if (entry.vlan != 0) out += fmt::format(" vlan {}", entry.vlan);
  return out + (entry.permanent ? " permanent" : "");
}

}  // namespace

std::string operation_of(const FillTable& fill) {
  static constexpr const char* kWords[] = {"name link", "add VLANs", "remove VLAN",
                                           "add forwarding entry", "add group entry"};
  return kWords[fill.what.index()];
}

std::string table_words(const FillTable& fill) {
  return fill.link + std::visit([](const auto& what) { return words_of(what); }, fill.what);
}

}  // namespace netyard
