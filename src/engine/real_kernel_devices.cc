// SPDX-License-Identifier: Apache-2.0
// Links that rtnetlink alone cannot make or set up.
#include <linux/netlink.h>

#include <cerrno>

#include "engine/real_kernel.h"
#include "netlink/generic.h"
#include "netlink/observe_devices.h"
#include "netns/tun.h"
#include "process/identity.h"

namespace netyard {
namespace {

bool on(const std::vector<FieldSetting>& settings, const char* key) {
  const FieldValue* value = find_value(settings, key);
  return value != nullptr && *value == FieldValue(std::uint64_t{1});
}

TunDevice tun_of(const NewLink& link) {
  TunDevice out;
  out.name = link.name;
  out.ifindex = link.ifindex;
  out.tap = std::string_view(link.kind->name) == "tap";
  out.multi_queue = on(link.settings, "multi_queue");
  out.packet_information = on(link.settings, "pi");
  out.vnet_header = on(link.settings, "vnet_hdr");
  if (const FieldValue* owner = find_value(link.settings, "owner")) {
    out.owner = resolve_identity(std::get<std::string>(*owner), {}, "").uid;
  }
  if (const FieldValue* group = find_value(link.settings, "group")) {
    out.group = resolve_identity("", {std::get<std::string>(*group)}, "").groups.front();
  }
  return out;
}

}  // namespace

void RealKernel::set_up_device(const Operation& operation) {
  if (const auto* create = std::get_if<CreateDevice>(&operation)) return create_device(*create);
  if (const auto* macsec = std::get_if<SetMacsec>(&operation)) return set_macsec(*macsec);
  set_wireguard(std::get<SetWireGuard>(operation));
}

void RealKernel::create_device(const CreateDevice& create) {
  enter(create.node);
  create_tun(tun_of(create.link));
}

void RealKernel::set_wireguard(const SetWireGuard& set) {
  if (!wireguard_keys_) {
    wireguard_keys_.emplace(topology_, [this](InterfaceRef end) { return wireguard_key(end); });
  }
  send_generic(set, "wireguard", [&](std::uint16_t family) {
    return netyard::set_wireguard(family, wireguard_keys_->device(set.link_number));
  });
}

std::optional<WireGuardKey> RealKernel::wireguard_key(InterfaceRef end) {
  enter(end.node);
  Socket socket(NETLINK_GENERIC);
  const auto family = find_generic_family(socket, "wireguard");
  if (!family) return {};
  try {
    const auto state = observe_wireguard(socket, *family, topology_.interface(end).ifindex, true);
    if (state.private_key && *state.private_key != WireGuardKey{}) return state.private_key;
  } catch (const Error& error) {
    if (error.code() != ENODEV) throw;
  }
  return {};
}

void RealKernel::set_macsec(const SetMacsec& set) {
  if (!macsec_keys_) macsec_keys_.emplace(topology_);
  send_generic(set, "macsec", [&](std::uint16_t family) {
    return netyard::set_macsec(family, macsec_keys_->device(set.link_number));
  });
}

void RealKernel::send_generic(const Operation& operation, const char* family,
                              const std::function<std::vector<Message>(std::uint16_t)>& make) {
  enter(node_of(operation));
  Socket socket(NETLINK_GENERIC);
  const auto number = find_generic_family(socket, family);
  if (!number) throw Error(ENOENT, "find", std::string("generic netlink family ") + family);
  for (auto& message : make(*number)) {
    Ack ack = socket.request(std::move(message));
    ack.attribute.clear();  // names of rtnetlink's attributes mean nothing here
    if (!ack.ok()) throw_refused(ack, operation_of(operation), object_of(topology_, operation));
  }
}

}  // namespace netyard
