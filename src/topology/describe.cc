// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

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

std::string settings_words(const Topology& topology, NodeId node,
                           const std::vector<FieldSetting>& settings) {
  std::string out;
  for (const auto& [field, value] : settings) {
    const auto* number = std::get_if<std::uint64_t>(&value);
    const bool names = field->syntax == Syntax::interface && number != nullptr;
    out += fmt::format(" {} {}", field->key,
                       names ? interface_name(topology, node, static_cast<std::uint32_t>(*number))
                             : format_field(*field, value));
  }
  return out;
}

std::string link_words(const Topology& topology, const CreateLink& create) {
  const NewLink& link = create.link;
  std::string out = fmt::format("{} ({})", link.name, link.kind->name);
  if (create.link.master != 0) {
    out += " on " + interface_name(topology, create.node, link.master);
  }
  if (link.parent != 0) out += " over " + interface_name(topology, create.node, link.parent);
  if (!create.host_parent.empty()) out += " over host:" + create.host_parent;
  out += settings_words(topology, create.node, link.settings);
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
  if (change.change.name) out += " name " + *change.change.name;
  if (change.change.mac) out += " address " + change.change.mac->to_string();
  if (change.change.address_generation) {
    out += fmt::format(" addr_gen_mode {}", to_string(*change.change.address_generation));
  }
  if (change.change.token) out += " token " + change.change.token->to_string();
  for (const auto* settings :
       {&change.change.common, &change.change.settings, &change.change.port}) {
    out += settings_words(topology, change.node, *settings);
  }
  if (change.change.up) out += *change.change.up ? " up" : " down";
  return out + " in " + name_of(topology, change.node);
}

std::string shape_words(const Topology& topology, const ShapeLink& shape) {
  if (const auto* filter = std::get_if<TrafficFilter>(&shape.object)) {
    return fmt::format("filter {} to class {} of {}", describe_match(*filter),
                       format_handle(filter->class_id), shape.link);
  }
  const auto& qdisc = std::get<Qdisc>(shape.object);
  std::string out = fmt::format("{}{}", qdisc.kind->name, qdisc.is_class ? " class" : "");
  if (qdisc.handle != 0) out += " " + format_handle(qdisc.handle);
  if (qdisc.parent != kRootParent) out += " of " + format_handle(qdisc.parent);
  return out + settings_words(topology, shape.node, qdisc.settings) + " to " + shape.link;
}

std::string offload_list(const SetOffloads& set) {
  std::string out;
  for (const auto& [word, on] : set.offloads) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", word, on ? "on" : "off");
  }
  return out + " of " + set.link;
}

// "/etc/hosts, /etc/resolv.conf of the nodes".
std::string etc_words(const Topology& topology) {
  std::set<std::string> names;
  for (const auto& file : topology.etc) names.insert("/etc/" + file.name);
  for (const auto& node : topology.nodes) {
    for (const auto& file : node.etc) names.insert("/etc/" + file.name);
  }
  return fmt::format("{} of the nodes", fmt::join(names, ", "));
}

}  // namespace

std::string interface_name(const Topology& topology, NodeId node, std::uint32_t ifindex) {
  for (const auto& interface : topology.nodes[node].interfaces) {
    if (interface.ifindex == ifindex) return interface.name;
  }
  return fmt::format("if{}", ifindex);
}

std::string operation_of(const Operation& operation) {
  static constexpr const char* kWords[] = {"create namespace",
                                           "write sysctl",
                                           "create link",
                                           "take link",
                                           "set link",
                                           "add address",
                                           "add route",
                                           "load ruleset",
                                           "write",
                                           "run",
                                           "start workload",
                                           "add route",
                                           "add nexthop",
                                           "add rule",
                                           "add neighbour",
                                           "await address",
                                           "",
                                           "create link",
                                           "set wireguard",
                                           "add",
                                           "set offloads",
                                           "set macsec",
                                           "remove",
                                           "delete namespace",
                                           "give back link",
                                           "delete table",
                                           "end workload"};
  if (const auto* fill = std::get_if<FillTable>(&operation)) return operation_of(*fill);
  return kWords[operation.index()];
}

std::string object_of(const Topology& topology, const Operation& operation) {
  if (const auto words = layer3_words(topology, operation)) {
    return *words + " in " + name_of(topology, node_of(operation));
  }
  return std::visit(
      Cases{[&](const CreateNamespace& op) { return topology.nodes[op.node].netns; },
            [&](const WriteSysctl& op) {
              return fmt::format("{} = {} in {}", op.path, op.value, name_of(topology, op.node));
            },
            [&](const CreateLink& op) { return link_words(topology, op); },
            [&](const TakeLink& op) {
              return fmt::format("{} from the host as {} in {}", op.host_name, op.name,
                                 name_of(topology, op.node));
            },
            [&](const ChangeLink& op) { return change_words(topology, op); },
            [&](const LoadRuleset& op) {
              const Node& node = topology.nodes[op.node];
              return fmt::format("{} in {}", node.ruleset ? node.ruleset->title : "(empty)",
                                 node.name);
            },
            [&](const WriteEtc&) { return etc_words(topology); },
            [&](const RunCommand& op) {
              return fmt::format("{} in {}", on_one_line(join_words(op.argv)),
                                 name_of(topology, op.node));
            },
            [&](const ShapeLink& op) {
              return shape_words(topology, op) + " in " + name_of(topology, op.node);
            },
            [&](const SetOffloads& op) {
              return offload_list(op) + " in " + name_of(topology, op.node);
            },
            [&](const FillTable& op) {
              return table_words(op) + " in " + name_of(topology, op.node);
            },
            [&](const CreateDevice& op) {
              CreateLink like{op.node, op.node, op.node, op.link, {}};
              like.link.mtu = 0;
              return link_words(topology, like);
            },
            [&](const SetWireGuard& op) {
              return fmt::format("{} with {} peer{} in {}", op.link, op.peers,
                                 op.peers == 1 ? "" : "s", name_of(topology, op.node));
            },
            [&](const SetMacsec& op) {
              return fmt::format("{} with {} peer{} in {}", op.link, op.peers,
                                 op.peers == 1 ? "" : "s", name_of(topology, op.node));
            },
            [&](const StartWorkload& op) {
              const Service& service = topology.services[op.service].service;
              return fmt::format("{}: {}", service.id(),
                                 on_one_line(join_words(service.workload.argv)));
            },
            [&](const Remove& op) {
              return removal_words(topology, op) + " in " + name_of(topology, op.node);
            },
            [&](const DeleteNamespace& op) { return op.netns; },
            [&](const GiveBackLink& op) {
              return fmt::format("{} in {} as {}", op.name, op.netns, op.host_name);
            },
            [&](const DropHostTable& op) { return op.table + " of the host"; },
            [&](const EndWorkload& op) { return op.id; },
            [&](const auto&) { return std::string(); }},
      operation);
}

std::string entry_words(const Remove& remove, const GoneEntry& gone) {
  static constexpr const char* kNouns[] = {"name", "forwarding entry", "group entry"};
  FillTable like{remove.node, gone.ifindex, remove.link, {}};
  std::visit([&](const auto& what) { like.what = what; }, gone.what);
  return fmt::format("{} {}", kNouns[gone.what.index()], table_words(like));
}

std::string removal_words(const Topology& topology, const Remove& remove) {
  const auto layer3 = [&](const char* what, const Operation& operation) {
    return what + layer3_words(topology, operation).value_or("");
  };
  const NodeId node = remove.node;
  return std::visit(Cases{[&](const GoneLink&) { return "link " + remove.link; },
                          [&](const GoneQdisc&) { return "qdisc of " + remove.link; },
                          [&](const GoneEntry& gone) { return entry_words(remove, gone); },
                          [&](const Address& what) {
                            return fmt::format("address {} of {}", what.prefix.to_string(),
                                               remove.link);
                          },
                          [&](const Route& what) {
                            return layer3("route ", AddRoute{node, what});
                          },
                          [&](const Rule& what) {
                            return layer3("rule ", AddRule{node, what});
                          },
                          [&](const Neighbor& what) {
                            return layer3("neighbour ", AddNeighbor{node, what});
                          },
                          [&](const NextHopObject& what) {
                            return layer3("nexthop ", AddNextHop{node, what});
                          },
                          [&](const MplsRoute& what) {
                            return layer3("route ", AddMplsRoute{node, what});
                          }},
                    remove.what);
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
