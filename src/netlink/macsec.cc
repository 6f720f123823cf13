// SPDX-License-Identifier: Apache-2.0
#include "netlink/macsec.h"

#include <arpa/inet.h>
#include <endian.h>
#include <fmt/format.h>
#include <linux/if_macsec.h>

#include "netlink/generic.h"
#include "netlink/message.h"

namespace netyard {
namespace {

constexpr std::size_t kShortKey = 16;
constexpr std::size_t kLongKey = 32;

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return {};
}

void put_association(Message& message, const MacsecAssociation& association) {
  const std::size_t nest = message.open_nest(MACSEC_ATTR_SA_CONFIG);
  message.put_u8(MACSEC_SA_ATTR_AN, association.number);
  if (association.extended) {
    message.put_u64(MACSEC_SA_ATTR_PN, 1);
    message.put_u32(MACSEC_SA_ATTR_SSCI, htonl(association.ssci));
    message.put_bytes(MACSEC_SA_ATTR_SALT, association.salt.data(), association.salt.size());
  } else {
    message.put_u32(MACSEC_SA_ATTR_PN, 1);
  }
  message.put_bytes(MACSEC_SA_ATTR_KEYID, association.key_id.data(), association.key_id.size());
  message.put_bytes(MACSEC_SA_ATTR_KEY, association.key.bytes.data(), association.key.size);
  message.put_u8(MACSEC_SA_ATTR_ACTIVE, 1);
  message.close_nest(nest);
}

Message request(std::uint16_t family, std::uint8_t command, std::uint32_t ifindex) {
  Message message = generic_message(family, command, MACSEC_GENL_VERSION);
  message.put_u32(MACSEC_ATTR_IFINDEX, ifindex);
  return message;
}

void put_channel(Message& message, std::uint64_t sci, bool active) {
  const std::size_t nest = message.open_nest(MACSEC_ATTR_RXSC_CONFIG);
  message.put_u64(MACSEC_RXSC_ATTR_SCI, htobe64(sci));
  if (active) message.put_u8(MACSEC_RXSC_ATTR_ACTIVE, 1);
  message.close_nest(nest);
}

}  // namespace

std::optional<MacsecKey> parse_macsec_key(std::string_view text) {
  MacsecKey out;
  if (text.size() != 2 * kShortKey && text.size() != 2 * kLongKey) return {};
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digit_of(text[i]);
    const auto low = digit_of(text[i + 1]);
    if (!high || !low) return {};
    out.bytes[out.size++] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return out;
}

std::string format_macsec_sci(std::uint64_t sci) {
  return fmt::format("{:016x}", sci);
}

std::vector<Message> set_macsec(std::uint16_t family, const MacsecDevice& device) {
  std::vector<Message> out;
  out.push_back(request(family, MACSEC_CMD_ADD_TXSA, device.ifindex));
  put_association(out.back(), device.association);
  for (const auto& channel : device.channels) {
    out.push_back(request(family, MACSEC_CMD_ADD_RXSC, device.ifindex));
    put_channel(out.back(), channel.sci, true);
    out.push_back(request(family, MACSEC_CMD_ADD_RXSA, device.ifindex));
    put_channel(out.back(), channel.sci, false);
    put_association(out.back(), channel.association);
  }
  return out;
}

}  // namespace netyard
