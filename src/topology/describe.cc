// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/words.h"
#include "topology/plan.h"

namespace netyard {
namespace {

template <class... F>
struct Cases : F... {
  using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;

const std::string& name_of(const Topology& topology, NodeId node) {
  return topology.nodes[node].name;
}

std::string interface_name(const Topology& topology, NodeId node, std::uint32_t ifindex) {
  for (const auto& interface : topology.nodes[node].interfaces) {
    if (interface.ifindex == ifindex) return interface.name;
  }
  return fmt::format("if{}", ifindex);
}

std::string link_words(const Topology& topology, const CreateLink& create) {
  const NewLink& link = create.link;
  std::string out = fmt::format("{} ({})", link.name, link.kind->name);
  if (create.link.master != 0) {
    out += " on " + interface_name(topology, create.node, link.master);
  }
  if (link.parent != 0) out += " over " + interface_name(topology, create.node, link.parent);
  if (!create.host_parent.empty()) out += " over host:" + create.host_parent;
  for (const auto& setting : link.settings) {
    out += fmt::format(" {} {}", setting.field->key, format_field(*setting.field, setting.value));
  }
  if (link.mtu != 0) out += fmt::format(" mtu {}", link.mtu);
  out += " in " + name_of(topology, create.node);
  if (link.peer) {
    out += fmt::format(", peer {} in {}", link.peer->name, name_of(topology, create.peer_node));
  }
  return out;
}

std::string change_words(const Topology& topology, const ChangeLink& change) {
  std::string out = change.name;
  if (change.change.master) {
    out += " on " + interface_name(topology, change.node, *change.change.master);
  }
  if (change.change.mtu) out += fmt::format(" mtu {}", *change.change.mtu);
  if (change.change.gso_max_segs) {
    out += fmt::format(" gso_max_segs {}", *change.change.gso_max_segs);
  }
  if (change.change.gso_max_size) {
    out += fmt::format(" gso_max_size {}", *change.change.gso_max_size);
  }
  if (change.change.mac) out += " address " + change.change.mac->to_string();
  if (change.change.up) out += *change.change.up ? " up" : " down";
  return out + " in " + name_of(topology, change.node);
}

std::string settings_words(const Settings& settings) {
  std::string out;
  for (const auto& setting : settings) {
    out += fmt::format(" {} {}", setting.field->key, format_field(*setting.field, setting.value));
  }
  return out;
}

std::string shape_words(const ShapeLink& shape) {
  if (const auto* filter = std::get_if<TrafficFilter>(&shape.object)) {
    return fmt::format("filter {} to class {} of {}", describe_match(*filter),
                       format_handle(filter->class_id), shape.link);
  }
  const auto& qdisc = std::get<Qdisc>(shape.object);
  std::string out = fmt::format("{}{}", qdisc.kind->name, qdisc.is_class ? " class" : "");
  if (qdisc.handle != 0) out += " " + format_handle(qdisc.handle);
  if (qdisc.parent != kRootParent) out += " of " + format_handle(qdisc.parent);
  return out + settings_words(qdisc.settings) + " to " + shape.link;
}

std::string offload_list(const SetOffloads& set) {
  std::string out;
  for (const auto& [word, on] : set.offloads) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", word, on ? "on" : "off");
  }
  return out + " of " + set.link;
}

std::string route_words(const Topology& topology, const AddRoute& add) {
  const Route& route = add.route;
  std::string out =
      route.destination.length == 0
          ? std::string(route.destination.family() == Family::ipv4 ? "default" : "default (IPv6)")
          : route.destination.to_string();
  for (const auto& hop : route.hops) {
    if (route.hops.size() > 1) out += " nexthop";
    if (hop.gateway) out += " via " + hop.gateway->to_string();
    if (hop.ifindex != 0) out += " dev " + interface_name(topology, add.node, hop.ifindex);
  }
  if (route.metric != 0) out += fmt::format(" metric {}", route.metric);
  if (route.table != 254) out += fmt::format(" table {}", route.table);
  if (route.source) out += " src " + route.source->to_string();
  return out + " in " + name_of(topology, add.node);
}

}  // namespace

std::string operation_of(const Operation& operation) {
  static constexpr const char* kWords[] = {
      "create namespace", "write sysctl", "create link", "take link",
      "set link",         "add address",  "add route",   "run",
      "start workload",   "add",          "set offloads"};
  return kWords[operation.index()];
}

std::string object_of(const Topology& topology, const Operation& operation) {
  return std::visit(Cases{[&](const CreateNamespace& op) { return topology.nodes[op.node].netns; },
                          [&](const WriteSysctl& op) {
                            return fmt::format("{} = {} in {}", op.path, op.value,
                                               name_of(topology, op.node));
                          },
                          [&](const CreateLink& op) { return link_words(topology, op); },
                          [&](const TakeLink& op) {
                            return fmt::format("{} from the host as {} in {}", op.host_name,
                                               op.name, name_of(topology, op.node));
                          },
                          [&](const ChangeLink& op) { return change_words(topology, op); },
                          [&](const AddAddress& op) {
                            return fmt::format("{} to {} in {}", op.address.prefix.to_string(),
                                               op.link, name_of(topology, op.node));
                          },
                          [&](const AddRoute& op) { return route_words(topology, op); },
                          [&](const RunCommand& op) {
                            return fmt::format("{} in {}", on_one_line(join_words(op.argv)),
                                               name_of(topology, op.node));
                          },
                          [&](const ShapeLink& op) {
                            return shape_words(op) + " in " + name_of(topology, op.node);
                          },
                          [&](const SetOffloads& op) {
                            return offload_list(op) + " in " + name_of(topology, op.node);
                          },
                          [&](const StartWorkload& op) {
                            const Service& service = topology.services[op.service].service;
                            return fmt::format("{}: {}", service.id(),
                                               on_one_line(join_words(service.workload.argv)));
                          }},
                    operation);
}

std::string describe(const Topology& topology, const Operation& operation) {
  return operation_of(operation) + " " + object_of(topology, operation);
}

std::string render_plan(const Topology& topology, const Plan& plan) {
  std::string out;
  for (const auto& step : plan.steps) {
    out += "+ " + describe(topology, step.operation);
    const auto* route = std::get_if<AddRoute>(&step.operation);
    if (route != nullptr && route->computed) out += " (computed)";
    out += "\n";
  }
  return out;
}

}  // namespace netyard
