// SPDX-License-Identifier: Apache-2.0
#include "engine/real_kernel.h"

#include <sched.h>

#include <cerrno>
#include <cstdlib>

#include "base/log.h"
#include "engine/address_detection.h"
#include "engine/etc_files.h"
#include "engine/namespace_mark.h"
#include "engine/nft.h"
#include "engine/rulesets.h"
#include "engine/services.h"
#include "netlink/ethtool.h"
#include "netlink/observe.h"
#include "netns/pin.h"

namespace netyard {
namespace {

struct TableEncoder {
  std::uint32_t ifindex;
  Message operator()(const AlternativeNames& names) const {
    return add_alternative_names(ifindex, names.names);
  }
  Message operator()(const AddVlans& add) const {
    return add_bridge_vlans(ifindex, add.is_bridge, add.vlans);
  }
  Message operator()(const RemoveVlan& remove) const {
    return remove_bridge_vlan(ifindex, remove.is_bridge, remove.vlan);
  }
  Message operator()(const FdbEntry& entry) const { return add_fdb_entry(ifindex, entry); }
  Message operator()(const MdbEntry& entry) const { return add_mdb_entry(ifindex, entry); }
};

struct EntryRemovalEncoder {
  std::uint32_t ifindex;

  Message operator()(const AlternativeNames& names) const {
    return remove_alternative_names(ifindex, names.names);
  }
  Message operator()(const FdbEntry& entry) const { return remove_fdb_entry(ifindex, entry); }
  Message operator()(const MdbEntry& entry) const { return remove_mdb_entry(ifindex, entry); }
};

struct RemovalEncoder {
  Message operator()(const GoneLink& link) const { return delete_link(link.ifindex); }
  Message operator()(const GoneQdisc& qdisc) const { return delete_qdisc(qdisc.ifindex); }
  Message operator()(const GoneEntry& entry) const {
    return std::visit(EntryRemovalEncoder{entry.ifindex}, entry.what);
  }
  Message operator()(const Address& address) const { return delete_address(address); }
  Message operator()(const Route& route) const { return delete_route(route); }
  Message operator()(const Rule& rule) const { return delete_rule(rule); }
  Message operator()(const Neighbor& neighbor) const { return delete_neighbor(neighbor); }
  Message operator()(const NextHopObject& nexthop) const { return delete_nexthop(nexthop.id); }
  Message operator()(const MplsRoute& route) const { return delete_mpls_route(route); }
};

Message encode_removal(const Remove& remove) {
  return std::visit(RemovalEncoder{}, remove.what);
}

Message encode_table(const FillTable& fill) {
  return std::visit(TableEncoder{fill.ifindex}, fill.what);
}

}  // namespace

RealKernel::RealKernel(const Topology& topology)
    : topology_(topology), places_(std::max<std::size_t>(topology.nodes.size(), 1)) {
  places_[kHost].fd = current_namespace();
}

RealKernel::~RealKernel() {
  if (inside_ != kHost) go_home(places_[kHost].fd.get());
}

RealKernel::Place& RealKernel::place(NodeId node) {
  Place& found = places_.at(node);
  if (!found.socket) {
    enter(node);
    found.socket.emplace();
  }
  return found;
}

int RealKernel::namespace_of(NodeId node) {
  FileDescriptor& fd = places_.at(node).fd;
  if (!fd) fd = open_namespace(topology_.nodes.at(node).netns);
  return fd.get();
}

void RealKernel::enter(NodeId node) {
  if (inside_ == node) return;
  if (setns(namespace_of(node), CLONE_NEWNET) < 0) {
    throw system_error("enter namespace of", topology_.nodes.at(node).name);
  }
  inside_ = node;
  if (node != kHost) sysctls_.next_namespace();
}

void RealKernel::create_namespace(NodeId node) {
  Place& made = places_.at(node);
  const Node& what = topology_.nodes.at(node);
  made.fd = create_pinned_namespace(what.netns, [&] {
    made.socket.emplace();
    set_mark(*made.socket, {topology_.name, what.name});
  });
  inside_ = node;
  sysctls_.next_namespace();
}

void RealKernel::write_sysctl(const WriteSysctl& sysctl) {
  if (sysctl.node == kHost) {
    throw Error(EPERM, "write sysctl", sysctl.path).reason("the host's are never touched");
  }
  enter(sysctl.node);
  try {
    sysctls_.write(sysctl.path, sysctl.value);
  } catch (Error& error) {
    throw Error(error.code(), "write sysctl",
                sysctl.path + " = " + sysctl.value + " in " + topology_.nodes[sysctl.node].name)
        .hint(error.code() == ENOENT ? "this kernel has no such sysctl in a network namespace"
                                     : "");
  }
}

std::uint32_t RealKernel::host_ifindex(const std::string& name) {
  const auto known = host_links_.find(name);
  if (known != host_links_.end()) return known->second;
  const auto link = observe_link(*place(kHost).socket, name);
  if (!link) throw Error(ENODEV, "find link", name + " on the host");
  return host_links_[name] = link->ifindex;
}

Message RealKernel::encode(const CreateLink& create) {
  NewLink link = create.link;
  if (!create.host_parent.empty()) link.parent = host_ifindex(create.host_parent);
  const int own = create.through == create.node ? -1 : namespace_of(create.node);
  const bool peer_elsewhere = link.peer && create.peer_node != create.through;
  return new_link(link, own, peer_elsewhere ? namespace_of(create.peer_node) : -1);
}

Message RealKernel::encode(const ShapeLink& shape) {
  const std::uint32_t on_host = shape.node == kHost ? host_ifindex(shape.link) : 0;
  if (const auto* filter = std::get_if<TrafficFilter>(&shape.object)) {
    TrafficFilter resolved = *filter;
    if (on_host != 0) resolved.ifindex = on_host;
    return new_filter(resolved);
  }
  auto resolved = std::get<Qdisc>(shape.object);
  if (on_host != 0) resolved.ifindex = on_host;
  return new_qdisc(resolved);
}

Message RealKernel::encode(const Operation& operation) {
  if (const auto* create = std::get_if<CreateLink>(&operation)) return encode(*create);
  if (const auto* shape = std::get_if<ShapeLink>(&operation)) return encode(*shape);
  if (const auto* change = std::get_if<ChangeLink>(&operation)) {
    LinkChange resolved = change->change;
    if (change->node == kHost) resolved.ifindex = host_ifindex(change->name);
    return change_link(resolved);
  }
  if (const auto* add = std::get_if<AddAddress>(&operation)) {
    Address resolved = add->address;
    if (add->node == kHost) resolved.ifindex = host_ifindex(add->link);
    return new_address(resolved);
  }
  if (const auto* add = std::get_if<AddMplsRoute>(&operation)) return new_mpls_route(add->route);
  if (const auto* add = std::get_if<AddNextHop>(&operation)) {
    return new_nexthop(add->nexthop, add->replace);
  }
  if (const auto* add = std::get_if<AddRule>(&operation)) return new_rule(add->rule);
  if (const auto* add = std::get_if<AddNeighbor>(&operation)) return new_neighbor(add->neighbor);
  if (const auto* fill = std::get_if<FillTable>(&operation)) {
    FillTable resolved = *fill;
    if (fill->node == kHost) resolved.ifindex = host_ifindex(fill->link);
    return encode_table(resolved);
  }
  if (const auto* remove = std::get_if<Remove>(&operation)) return encode_removal(*remove);
  const auto& add = std::get<AddRoute>(operation);
  return add.replace ? replace_route(add.route) : new_route(add.route);
}

std::vector<Ack> RealKernel::request(NodeId socket, std::span<const Operation* const> operations) {
  Batch batch;
  for (const Operation* operation : operations) batch.add(encode(*operation));
  Socket& through = *place(socket).socket;
  if (log::debugging()) {
    for (const Operation* operation : operations) {
      log::debug(topology_.nodes[socket].name + ": " + describe(topology_, *operation));
    }
  }
  return through.request(std::move(batch));
}

void RealKernel::take_link(const TakeLink& take) {
  const std::uint32_t ifindex = host_ifindex(take.host_name);
  const Ack ack = place(kHost).socket->request(
      move_link(ifindex, namespace_of(take.node), take.name, take.ifindex));
  if (!ack.ok()) throw_refused(ack, "take link", take.host_name + " from the host");
}

std::optional<Error> RealKernel::load_rulesets(const std::vector<LoadRuleset>& loads,
                                               const std::function<bool()>& interrupted) {
  static const Ruleset nothing{"nothing", {}};
  std::vector<PlacedRuleset> rulesets;
  for (const auto& [id, drop] : loads) {
    const Node& node = topology_.nodes.at(id);
    std::string before;
    for (const auto& table : drop) before += drop_table_text(table) + "; ";
    rulesets.push_back(
        {node.ruleset ? &*node.ruleset : &nothing, node.name, namespace_of(id), std::move(before)});
  }
  return netyard::load_rulesets(rulesets, interrupted);
}

void RealKernel::write_etc() {
  write_etc_files(topology_);
}

void RealKernel::await_address(const AwaitAddress& await,
                               const std::function<bool()>& interrupted) {
  const std::uint32_t ifindex = await.node == kHost ? host_ifindex(await.link) : 0;
  netyard::await_address(*place(await.node).socket,
                         {await.address, await.link, topology_.nodes[await.node].name, ifindex},
                         interrupted);
}

void RealKernel::set_offloads(const SetOffloads& set) {
  const std::uint32_t ifindex = set.node == kHost ? host_ifindex(set.link) : set.ifindex;
  enter(set.node);
  EthtoolSocket().set(ifindex, set.link + " in " + topology_.nodes.at(set.node).name, set.offloads);
}

CommandResult RealKernel::run_command(const RunCommand& command,
                                      const std::function<bool()>& interrupted) {
  home();
  Command run;
  run.argv = command.argv;
  run.netns_name = topology_.nodes.at(command.node).netns;
  run.hostname = topology_.nodes.at(command.node).name;
  run.namespace_fd = namespace_of(command.node);
  return netyard::run_command(run, interrupted);
}

std::optional<std::vector<FailedService>> RealKernel::start_services(
    const std::function<bool()>& interrupted) {
  home();
  return netyard::start_services(topology_.name, place_services(topology_), interrupted);
}

void RealKernel::end_workloads(const std::vector<std::string>& ids) {
  home();
  netyard::end_workloads(topology_.name, ids);
}

std::vector<Leftover> RealKernel::end_services(const std::string& lab) {
  home();
  return netyard::end_services(lab);
}

NamespaceIdentity RealKernel::identity(NodeId node) {
  Place& found = place(node);
  NamespaceIdentity out = identify(found.fd.get());
  out.cookie = found.socket->namespace_cookie();
  return out;
}

std::vector<Leftover> RealKernel::remove_etc(const std::string& lab) {
  return remove_etc_files(lab);
}

std::optional<Leftover> RealKernel::delete_host_table(const std::string& table) {
  try {
    delete_table(table, places_[kHost].fd.get());
    return {};
  } catch (const Error& error) {
    return Leftover{"nftables table " + table + " of the host", error};
  }
}

std::optional<Leftover> RealKernel::give_back(const TakenLink& link) {
  const std::string what = "link " + link.name + " in " + link.netns;
  try {
    home();
    const FileDescriptor inside = open_namespace(link.netns);
    Socket socket = socket_in(inside.get());
    const auto found = observe_link(socket, link.name);
    if (!found) return {};  // never taken, or gone by itself
    // The old number may have been given away meanwhile; then the kernel picks one.
    Ack ack;
    for (const std::uint32_t wanted : {link.host_ifindex, std::uint32_t{0}}) {
      ack = socket.request(
          move_link(found->ifindex, places_[kHost].fd.get(), link.host_name, wanted));
      if (ack.ok()) break;
    }
    if (!ack.ok()) throw_refused(ack, "give back link", link.name + " as " + link.host_name);
    if (!link.was_up) return {};
    LinkChange up;
    host_links_.erase(link.host_name);
    up.ifindex = host_ifindex(link.host_name);
    up.up = true;
    const Ack raised = place(kHost).socket->request(change_link(up));
    if (!raised.ok()) throw_refused(raised, "bring up link", link.host_name);
    return {};
  } catch (const Error& error) {
    // The namespace is gone, and a real NIC with it came home.
    if (error.code() == ENOENT || is_stale_pin(link.netns)) return {};
    return Leftover{what, error};
  }
}

std::optional<Leftover> RealKernel::delete_pair(const HostPair& pair) {
  try {
    home();
    const FileDescriptor inside = open_namespace(pair.netns);
    Socket socket = socket_in(inside.get());
    const Ack ack = socket.request(delete_link(pair.ifindex));
    if (!ack.ok() && ack.error != ENODEV) {
      throw_refused(ack, "delete link", pair.host_name + " on the host");
    }
    return {};
  } catch (const Error& error) {
    // Without its namespace a pair is gone: both ends die together.
    if (error.code() == ENOENT || is_stale_pin(pair.netns)) return {};
    return Leftover{"link " + pair.host_name + " on the host", error};
  }
}

std::vector<Leftover> RealKernel::delete_namespaces(const std::vector<std::string>& names) {
  home();
  std::vector<Leftover> left;
  for (auto& failure : unpin_namespaces(names)) {
    left.push_back({"namespace " + failure.name, std::move(failure.error)});
  }
  return left;
}

}  // namespace netyard
