// SPDX-License-Identifier: Apache-2.0
#include "netlink/ethtool.h"

#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "netlink/attributes.h"
#include "netlink/generic.h"

namespace netyard {
namespace {

constexpr const char* kRxChecksum[] = {"rx-checksum"};
constexpr const char* kTxChecksum[] = {"tx-checksum-ipv4", "tx-checksum-ip-generic",
                                       "tx-checksum-ipv6", "tx-checksum-sctp"};
constexpr const char* kScatter[] = {"tx-scatter-gather", "tx-scatter-gather-fraglist"};
constexpr const char* kTso[] = {"tx-tcp-segmentation", "tx-tcp-ecn-segmentation",
                                "tx-tcp-mangleid-segmentation", "tx-tcp6-segmentation"};
constexpr const char* kGso[] = {"tx-generic-segmentation"};
constexpr const char* kUso[] = {"tx-udp-segmentation"};
constexpr const char* kGro[] = {"rx-gro"};
constexpr const char* kLro[] = {"rx-lro"};
constexpr const char* kRxVlan[] = {"rx-vlan-hw-parse"};
constexpr const char* kTxVlan[] = {"tx-vlan-hw-insert"};

constexpr OffloadWord kWords[] = {
    {"rx-checksum", kRxChecksum, "trust checksums of what comes in"},
    {"tx-checksum", kTxChecksum,
     "leave checksums to the device; off: what a capture shows is right"},
    {"scatter-gather", kScatter, "packets in pieces"},
    {"tso", kTso, "leave cutting TCP into segments to the device"},
    {"gso", kGso, "cut segments as late as possible"},
    {"uso", kUso, "leave cutting UDP into segments to the device"},
    {"gro", kGro, "put segments that come in together"},
    {"lro", kLro, "the device puts segments together"},
    {"rx-vlan", kRxVlan, "the device takes VLAN tags off"},
    {"tx-vlan", kTxVlan, "the device puts VLAN tags on"},
};

using Names = std::set<std::string>;

Names names_in(const nlattr* bitset) {
  Names out;
  const nlattr* bits = Attributes(bitset).find(ETHTOOL_A_BITSET_BITS);
  if (bits == nullptr) return out;
  for (const nlattr* bit : Attributes(bits).all()) {
    out.insert(Attributes(bit).text(ETHTOOL_A_BITSET_BIT_NAME));
  }
  return out;
}

void put_feature(Message& message, const std::string& name, bool on) {
  const std::size_t bit = message.open_nest(ETHTOOL_A_BITSET_BITS_BIT);
  message.put_string(ETHTOOL_A_BITSET_BIT_NAME, name);
  if (on) message.put_bytes(ETHTOOL_A_BITSET_BIT_VALUE, nullptr, 0);
  message.close_nest(bit);
}

std::string what_of(const OffloadSetting& setting, const std::string& link) {
  return setting.word + (setting.on ? " on of " : " off of ") + link;
}

// A word for several features is on when one of them is: hardware has one checksum or the other.
bool is_so(const OffloadSetting& setting, const Names& active) {
  const std::vector<std::string> names = features_of(setting);
  return setting.on == std::any_of(names.begin(), names.end(),
                                   [&](const auto& name) { return active.contains(name); });
}

}  // namespace

std::span<const OffloadWord> offload_words() {
  return kWords;
}

std::vector<std::string> features_of(const OffloadSetting& setting) {
  for (const auto& word : kWords) {
    if (setting.word == word.word) return {word.features.begin(), word.features.end()};
  }
  return {setting.word};
}

EthtoolSocket::EthtoolSocket() : socket_(NETLINK_GENERIC) {
  const auto family = find_generic_family(socket_, ETHTOOL_GENL_NAME);
  if (family) {
    family_ = *family;
    return;
  }
  throw Error(EOPNOTSUPP, "open", "ethtool netlink")
      .hint("this kernel has no ethtool netlink (CONFIG_ETHTOOL_NETLINK)");
}

Message EthtoolSocket::message(std::uint8_t command, std::uint32_t ifindex,
                               std::uint32_t flags) const {
  Message out(family_, 0);
  out.header(genlmsghdr{command, ETHTOOL_GENL_VERSION, 0});
  const std::size_t header = out.open_nest(ETHTOOL_A_FEATURES_HEADER);
  out.put_u32(ETHTOOL_A_HEADER_DEV_INDEX, ifindex);
  if (flags != 0) out.put_u32(ETHTOOL_A_HEADER_FLAGS, flags);
  out.close_nest(header);
  return out;
}

std::set<std::string> EthtoolSocket::features(std::uint32_t ifindex, const std::string& link,
                                              std::uint16_t attribute) {
  Names out;
  Ack ack = socket_.get(message(ETHTOOL_MSG_FEATURES_GET, ifindex, 0), [&](const nlmsghdr* answer) {
    const nlattr* bitset = Attributes(answer, sizeof(genlmsghdr)).find(attribute);
    if (bitset != nullptr) out = names_in(bitset);
  });
  ack.attribute.clear();
  if (!ack.ok()) throw_refused(ack, "look at offloads", link);
  return out;
}

std::set<std::string> EthtoolSocket::active(std::uint32_t ifindex, const std::string& link) {
  return features(ifindex, link, ETHTOOL_A_FEATURES_ACTIVE);
}

std::set<std::string> EthtoolSocket::wanted(std::uint32_t ifindex, const std::string& link) {
  return features(ifindex, link, ETHTOOL_A_FEATURES_WANTED);
}

void EthtoolSocket::set(std::uint32_t ifindex, const std::string& link,
                        std::span<const OffloadSetting> settings) {
  for (const auto& setting : settings) {
    Message change = message(ETHTOOL_MSG_FEATURES_SET, ifindex, ETHTOOL_FLAG_OMIT_REPLY);
    const std::size_t wanted = change.open_nest(ETHTOOL_A_FEATURES_WANTED);
    const std::size_t bits = change.open_nest(ETHTOOL_A_BITSET_BITS);
    for (const auto& name : features_of(setting)) put_feature(change, name, setting.on);
    change.close_nest(bits);
    change.close_nest(wanted);
    Ack ack = socket_.request(std::move(change));
    ack.attribute.clear();  // of another family: our names do not fit
    if (!ack.ok()) throw_refused(ack, "set offload", what_of(setting, link));
  }
  const Names now = active(ifindex, link);
  for (const auto& setting : settings) {
    if (is_so(setting, now)) continue;
    throw Error(EOPNOTSUPP, "set offload", what_of(setting, link))
        .hint("the driver has it fixed: see 'ethtool -k'");
  }
}

}  // namespace netyard
