// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <endian.h>
#include <linux/if_macsec.h>

#include "netlink/attributes.h"
#include "netlink/kinds/table.h"

namespace netyard::kinds {
namespace {

constexpr Choice kCiphers[] = {{"gcm-aes-128", MACSEC_CIPHER_ID_GCM_AES_128},
                               {"gcm-aes-256", MACSEC_CIPHER_ID_GCM_AES_256},
                               {"gcm-aes-xpn-128", MACSEC_CIPHER_ID_GCM_AES_XPN_128},
                               {"gcm-aes-xpn-256", MACSEC_CIPHER_ID_GCM_AES_XPN_256}};

constexpr Choice kValidation[] = {{"disabled", MACSEC_VALIDATE_DISABLED},
                                  {"check", MACSEC_VALIDATE_CHECK},
                                  {"strict", MACSEC_VALIDATE_STRICT}};

// The kernel answers with the number of a draft of the standard.
std::optional<FieldValue> get_cipher(const Attributes& attributes, const Field& field) {
  const nlattr* attribute = attributes.find(field.attribute);
  if (attribute == nullptr) return {};
  const auto number = payload<std::uint64_t>(attribute);
  return std::uint64_t{number == MACSEC_DEFAULT_CIPHER_ID ? MACSEC_CIPHER_ID_GCM_AES_128 : number};
}

// The kernel shows it as the end of the identifier.
std::optional<FieldValue> get_port(const Attributes& attributes, const Field& field) {
  if (const nlattr* port = attributes.find(field.attribute)) {
    return std::uint64_t{ntohs(payload<std::uint16_t>(port))};
  }
  const nlattr* sci = attributes.find(IFLA_MACSEC_SCI);
  if (sci == nullptr) return {};
  return be64toh(payload<std::uint64_t>(sci)) & UINT16_MAX;
}

constexpr Field kFields[] = {
    {
        .key = "port",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_PORT),
        .syntax = Syntax::number,
        .wire = Wire::be16,
        .min = 1,
        .max = UINT16_MAX,
        .help = "port part of the secure channel identifier",
        .fallback = "1",
        .get = get_port,
    },
    {
        .key = "sci",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_SCI),
        .syntax = Syntax::number,
        .wire = Wire::be64,
        .max = UINT64_MAX,
        .help = "secure channel identifier, instead of port",
        .fallback = "the MAC address and port",
    },
    {
        .key = "cipher",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_CIPHER_SUITE),
        .syntax = Syntax::choice,
        .wire = Wire::u64,
        .help = "cipher suite",
        .choices = kCiphers,
        .fallback = "gcm-aes-128",
        .get = get_cipher,
    },
    {
        .key = "icv_len",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_ICV_LEN),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 8,
        .max = 16,
        .help = "bytes of the integrity check value",
        .fallback = "16",
    },
    {
        .key = "window",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_WINDOW),
        .syntax = Syntax::number,
        .wire = Wire::u32,
        .min = 0,
        .max = UINT32_MAX,
        .help = "packets that may come out of order; with replay_protect",
        .fallback = "0",
    },
    {
        .key = "encoding_sa",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_ENCODING_SA),
        .syntax = Syntax::number,
        .wire = Wire::u8,
        .min = 0,
        .max = 3,
        .help = "association that is sent with",
        .fallback = "0",
    },
    {
        .key = "encrypt",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_ENCRYPT),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "encrypt, not only authenticate",
        .fallback = "false",
    },
    {
        .key = "protect",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_PROTECT),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "protect what is sent",
        .fallback = "true",
    },
    {
        .key = "send_sci",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_INC_SCI),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "put the identifier into each frame",
        .fallback = "true",
    },
    {
        .key = "end_station",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_ES),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "this is an end station",
        .fallback = "false",
    },
    {
        .key = "scb",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_SCB),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "single copy broadcast",
        .fallback = "false",
    },
    {
        .key = "replay_protect",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_REPLAY_PROTECT),
        .syntax = Syntax::flag,
        .wire = Wire::u8,
        .help = "refuse packets that were seen; needs window",
        .fallback = "false",
    },
    {
        .key = "validate",
        NETYARD_ATTRIBUTE(IFLA_MACSEC_VALIDATION),
        .syntax = Syntax::choice,
        .wire = Wire::u8,
        .help = "what becomes of frames that are not right",
        .choices = kValidation,
        .fallback = "strict",
    },
};

constexpr FieldRule kRules[] = {
    {"sci", "", Relation::excludes, "port", "", "the identifier holds the port"},
    {"replay_protect", "true", Relation::needs, "window", "",
     "a window says what counts as a replay"},
    {"window", "", Relation::needs, "replay_protect", "true", "the window is of replay_protect"},
    {"send_sci", "true", Relation::excludes, "end_station", "true",
     "a frame with the identifier needs no other sign of its sender"},
    {"send_sci", "true", Relation::excludes, "scb", "true",
     "a frame with the identifier needs no other sign of its sender"},
};

constexpr StructuredKey kStructured[] = {
    {"peers", "list of NODE:INTERFACE or mappings", "whose frames it takes: keys below"},
    {"key", "32 hexadecimal digits, or 64 for 256 bits",
     "what it sends is protected with; made anew by each up when not given", true},
    {"key_file", "path", "a file that holds it"},
    {"peers: peer", "NODE:INTERFACE", "a macsec link of the lab"},
    {"peers: mac", "MAC address", "somebody outside of the lab, instead of peer"},
    {"peers: port", "a number from 1 to 65535", "with mac: the port part of the identifier; 1"},
    {"peers: sci", "a number", "the whole identifier, instead of mac and port"},
    {"peers: key", "as key", "what somebody outside sends is protected with", true},
    {"peers: key_file", "path", "a file that holds it"},
    {"peers: encoding_sa", "a number from 0 to 3", "association that somebody outside sends with"},
};

}  // namespace

// drivers/net/macsec.c
const LinkKind macsec = {
    .name = "macsec",
    .ordering = LinkClass::stacked,
    .fields = kFields,
    .help = "authenticated and encrypted Ethernet (802.1AE) on another link",
    .kernel_option = "CONFIG_MACSEC",
    .parent_required = true,
    .example =
        "{type: macsec, endpoint: a:ms0, parent: eth0, encrypt: true, ipv4: 10.8.0.1/24, peers: "
        "[\"b:ms0\"]}",
    .rules = kRules,
    .own_mac = false,
    .overhead = 0,
    .structured = kStructured,
};

}  // namespace netyard::kinds
