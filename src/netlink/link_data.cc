// SPDX-License-Identifier: Apache-2.0
#include "netlink/link_data.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>

#include "netlink/attributes.h"
#include "netlink/field_decode.h"
#include "netlink/link_fields.h"

namespace netyard {
namespace {

constexpr std::uint16_t kKept[] = {IFLA_LINKINFO,  IFLA_TXQLEN,       IFLA_IFALIAS,     IFLA_GROUP,
                                   IFLA_PROP_LIST, IFLA_GSO_MAX_SEGS, IFLA_GSO_MAX_SIZE};

Attributes linkinfo_of(const Attributes& attributes) {
  const nlattr* info = attributes.find(IFLA_LINKINFO);
  return info != nullptr ? Attributes(info) : Attributes(std::string_view());
}

// The attributes of a nest of IFLA_LINKINFO, by the fields of the kind that another names.
Settings read_nest(const LinkState& link, std::uint16_t name, std::uint16_t nest,
                   std::span<const Field> LinkKind::*fields) {
  const Attributes info = linkinfo_of(Attributes(std::string_view(link.details)));
  const LinkKind* kind = find_link_kind(info.text(name));
  const nlattr* data = info.find(nest);
  if (kind == nullptr || data == nullptr) return {};
  return get_fields(Attributes(data), kind->*fields);
}

Settings as_read_back(std::span<const FieldSetting> settings, std::span<const Field> fields) {
  Message message(RTM_NEWLINK, 0);
  message.header(ifinfomsg{});
  put_fields(message, settings);
  const Attributes sent(message.raw(), sizeof(ifinfomsg));
  Settings out = get_fields(sent, fields);
  // What is not sent is the kernel's to choose.
  std::erase_if(out, [&](const FieldSetting& setting) {
    const Field& field = *setting.field;
    return field.get == nullptr && !sent.has(field.attribute) && !sent.has(field.attribute6);
  });
  return out;
}

}  // namespace

std::string link_details(const nlmsghdr* answer) {
  const Attributes attributes(answer, sizeof(ifinfomsg));
  std::string out;
  for (const std::uint16_t type : kKept) {
    const nlattr* attribute = attributes.find(type);
    if (attribute == nullptr) continue;
    out.append(reinterpret_cast<const char*>(attribute), attribute->nla_len);
    out.resize(netlink_align(out.size()));
  }
  return out;
}

Settings kind_settings(const LinkState& link) {
  return read_nest(link, IFLA_INFO_KIND, IFLA_INFO_DATA, &LinkKind::fields);
}

Settings port_settings(const LinkState& link) {
  return read_nest(link, IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA, &LinkKind::port_fields);
}

Settings common_settings(const LinkState& link) {
  const Attributes attributes{std::string_view(link.details)};
  Settings out = get_fields(attributes, link_fields());
  for (const auto& field : link_fields()) {
    if (!is_link_flag(field)) continue;
    const bool set = (link.flags & field.bit) != 0;
    FieldSetting& setting = out.emplace_back();
    setting.field = &field;
    setting.value = std::uint64_t{set != (field.bit == IFF_NOARP) ? 1U : 0U};
  }
  return out;
}

std::vector<std::string> alternative_names(const LinkState& link) {
  std::vector<std::string> out;
  const Attributes attributes{std::string_view(link.details)};
  const nlattr* list = attributes.find(IFLA_PROP_LIST);
  if (list == nullptr) return out;
  for (const nlattr* name : Attributes(list).all()) {
    out.emplace_back(mnl_attr_get_str(name));
  }
  return out;
}

std::uint32_t parent_of(const LinkState& link) {
  const LinkKind* kind = find_link_kind(link.kind);
  if (kind == nullptr || kind->parent_attribute == 0) return link.parent;
  const Attributes info = linkinfo_of(Attributes(std::string_view(link.details)));
  const nlattr* data = info.find(IFLA_INFO_DATA);
  return data != nullptr ? Attributes(data).number(kind->parent_attribute).value_or(0) : 0;
}

SegmentLimits segment_limits(const LinkState& link) {
  const Attributes attributes{std::string_view(link.details)};
  return {attributes.number(IFLA_GSO_MAX_SEGS).value_or(0),
          attributes.number(IFLA_GSO_MAX_SIZE).value_or(0)};
}

Settings as_read_back(const LinkKind& kind, const Settings& settings) {
  if (kind.by_device) return settings;
  Settings sent;
  for (const auto& setting : settings) {
    if (find_field(kind.fields, setting.field->key) == setting.field) sent.push_back(setting);
  }
  if (kind.complete != nullptr) kind.complete(sent);
  return as_read_back(sent, kind.fields);
}

Settings port_as_read_back(const LinkKind& master, const Settings& settings) {
  return as_read_back(settings, master.port_fields);
}

std::vector<std::uint16_t> shown_attributes(Socket& socket, const std::string& name, bool as_port) {
  std::vector<std::uint16_t> out;
  socket.get(get_link(name), [&](const nlmsghdr* answer) {
    const Attributes info = linkinfo_of(Attributes(answer, sizeof(ifinfomsg)));
    const nlattr* data = info.find(as_port ? IFLA_INFO_SLAVE_DATA : IFLA_INFO_DATA);
    if (data != nullptr) out = Attributes(data).types();
  });
  return out;
}

}  // namespace netyard
