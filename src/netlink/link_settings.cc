// SPDX-License-Identifier: Apache-2.0
#include "netlink/link_settings.h"

#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <optional>

#include "netlink/attributes.h"
#include "netlink/kind.h"
#include "netlink/link.h"
#include "netlink/link_fields.h"
#include "netlink/message.h"

namespace netyard {
namespace {

std::optional<std::uint64_t> number_of(Wire wire, const nlattr* attribute) {
  switch (wire) {
    case Wire::u8:
      return payload<std::uint8_t>(attribute);
    case Wire::u16:
      return payload<std::uint16_t>(attribute);
    case Wire::be16:
      return be16toh(payload<std::uint16_t>(attribute));
    case Wire::u32:
      return payload<std::uint32_t>(attribute);
    case Wire::be32:
      return be32toh(payload<std::uint32_t>(attribute));
    case Wire::u64:
      return payload<std::uint64_t>(attribute);
    case Wire::be64:
      return be64toh(payload<std::uint64_t>(attribute));
    case Wire::presence:
      return 1;
    default:
      return {};
  }
}

// False when the attributes do not tell.
bool read_value(const Field& field, const Attributes& attributes, FieldValue& out) {
  if (const auto six = attributes.address(field.attribute6); six && field.attribute6 != 0) {
    out = *six;
    return true;
  }
  const nlattr* attribute = attributes.find(field.attribute);
  if (attribute == nullptr || field.attribute == 0) return false;
  if (field.wire == Wire::text) {
    out = attributes.text(field.attribute);
  } else if (field.wire == Wire::mac) {
    out = payload<MacAddress>(attribute);
  } else if (const auto address = attributes.address(field.attribute);
             field.wire == Wire::address && address) {
    out = *address;
  } else if (const auto number = number_of(field.wire, attribute)) {
    out = field.syntax == Syntax::flag ? std::uint64_t{*number != 0} : *number * field.scale;
  } else {
    return false;
  }
  return true;
}

Settings read_all(std::span<const Field> fields, const Attributes& attributes) {
  Settings out;
  for (const auto& field : fields) {
    if (field.put != nullptr || field.bit != 0) continue;
    // `group` of a vxlan is its `remote` under another name: the first that is told stands.
    const bool told = std::any_of(out.begin(), out.end(), [&](const FieldSetting& other) {
      return other.field->attribute == field.attribute;
    });
    if (told) continue;
    FieldSetting setting;
    setting.field = &field;
    if (read_value(field, attributes, setting.value)) out.push_back(std::move(setting));
  }
  return out;
}

Settings common_of(const Attributes& attributes, unsigned flags) {
  Settings out = read_all(link_fields(), attributes);
  for (const auto& field : link_fields()) {
    if (!is_link_flag(field)) continue;
    const bool set = (flags & field.bit) != 0;
    FieldSetting setting;
    setting.field = &field;
    // Of this one the kernel has the contrary.
    setting.value = std::uint64_t{set != (field.bit == IFF_NOARP)};
    out.push_back(std::move(setting));
  }
  return out;
}

int add_name(const nlattr* attribute, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(mnl_attr_get_str(attribute));
  return MNL_CB_OK;
}

LinkSettings settings_of(const nlmsghdr* message) {
  LinkSettings out;
  const auto* header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  const Attributes attributes(message, sizeof(ifinfomsg));
  out.common = common_of(attributes, header->ifi_flags);
  if (const nlattr* names = attributes.find(IFLA_PROP_LIST)) {
    mnl_attr_parse_nested(names, add_name, &out.altnames);
  }
  const nlattr* info = attributes.find(IFLA_LINKINFO);
  if (info == nullptr) return out;
  const Attributes parts(info);
  const LinkKind* kind = find_link_kind(parts.text(IFLA_INFO_KIND));
  const nlattr* data = parts.find(IFLA_INFO_DATA);
  if (kind != nullptr && data != nullptr) out.kind = read_all(kind->fields, Attributes(data));
  const LinkKind* master = find_link_kind(parts.text(IFLA_INFO_SLAVE_KIND));
  const nlattr* port = parts.find(IFLA_INFO_SLAVE_DATA);
  if (master != nullptr && port != nullptr) {
    out.port = read_all(master->port_fields, Attributes(port));
  }
  return out;
}

}  // namespace

std::map<std::uint32_t, LinkSettings> observe_link_settings(Socket& socket) {
  std::map<std::uint32_t, LinkSettings> out;
  socket.dump(
      get_link(),
      [&](const nlmsghdr* message) {
        const auto* header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
        out[static_cast<std::uint32_t>(header->ifi_index)] = settings_of(message);
      },
      [&] { out.clear(); });
  return out;
}

}  // namespace netyard
