// SPDX-License-Identifier: Apache-2.0
#include "netlink/link_data.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "netlink/link.h"

namespace netyard {
namespace {

struct Wanted {
  std::uint16_t type;
  const nlattr* found = nullptr;
};

int find_type(const nlattr* attribute, void* data) {
  auto* wanted = static_cast<Wanted*>(data);
  if (mnl_attr_get_type(attribute) == wanted->type) wanted->found = attribute;
  return MNL_CB_OK;
}

int note_type(const nlattr* attribute, void* data) {
  static_cast<std::vector<std::uint16_t>*>(data)->push_back(mnl_attr_get_type(attribute));
  return MNL_CB_OK;
}

}  // namespace

std::vector<std::uint16_t> shown_attributes(Socket& socket, const std::string& name, bool as_port) {
  std::vector<std::uint16_t> out;
  socket.get(get_link(name), [&](const nlmsghdr* answer) {
    Wanted info{IFLA_LINKINFO};
    mnl_attr_parse(answer, sizeof(ifinfomsg), find_type, &info);
    if (info.found == nullptr) return;
    Wanted data{as_port ? std::uint16_t{IFLA_INFO_SLAVE_DATA} : std::uint16_t{IFLA_INFO_DATA}};
    mnl_attr_parse_nested(info.found, find_type, &data);
    if (data.found != nullptr) mnl_attr_parse_nested(data.found, note_type, &out);
  });
  return out;
}

}  // namespace netyard
