// SPDX-License-Identifier: Apache-2.0
#include "topology/address_reader.h"
#include "topology/schema_objects.h"

namespace netyard {
namespace {

using nlohmann::json;

const char* const kLayer3Shapes = R"json({
  "table": {"type": ["integer", "string"]},
  "scope": {"type": ["integer", "string"]},
  "routeType": {"enum": ["unicast", "local", "broadcast", "anycast", "multicast", "blackhole",
                         "unreachable", "prohibit", "throw"]},
  "preference": {"enum": ["low", "medium", "high"]},
  "family": {"enum": ["ipv4", "ipv6"]},
  "families": {"enum": ["ipv4", "ipv6", "both"]},
  "ruleAction": {"enum": ["lookup", "nop", "blackhole", "unreachable", "prohibit"]},
  "neighborState": {"enum": ["permanent", "noarp", "reachable", "stale"]},
  "generation": {"enum": ["eui64", "none", "stable_secret", "random"]},
  "routes": {"type": ["array", "null"],
             "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/route"}]}},
  "hops": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/hop"}]}},
  "mplsRoutes": {"type": ["array", "null"],
                 "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/mplsRoute"}]}},
  "nexthops": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/nexthop"}},
  "group": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/number"}},
                      {"type": "object", "additionalProperties": {"$ref": "#/$defs/number"}}]},
  "resilient": {"anyOf": [{"$ref": "#/$defs/boolean"}, {"$ref": "#/$defs/resilience"}]},
  "rules": {"type": ["array", "null"],
            "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/rule"}]}},
  "neighbors": {"type": ["array", "null"],
                "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/neighbor"}]}}
})json";

void add_hop(json& object, std::initializer_list<const char*> keys) {
  const json hop = object_of(spec::hop_keys());
  for (const char* key : keys) object["properties"][key] = hop["properties"][key];
}

}  // namespace

void add_layer3_shapes(json& defs) {
  defs.update(json::parse(kLayer3Shapes));
  defs["hop"] = object_of(spec::hop_keys());
  defs["route"] = object_of(spec::route_keys());
  add_hop(defs["route"], {"via", "dev", "weight", "onlink", "encap"});
  for (const auto& field : metric_fields()) {
    defs["route"]["properties"][field.key] = {{"$ref", "#/$defs/scalar"},
                                              {"description", field.help}};
  }
  defs["route"]["required"] = {"to"};
  defs["mplsRoute"] = object_of(spec::mpls_keys());
  add_hop(defs["mplsRoute"], {"via", "dev"});
  defs["mplsRoute"]["required"] = {"label"};
  defs["nexthop"] = object_of(spec::nexthop_keys());
  add_hop(defs["nexthop"], {"via", "dev", "onlink", "encap"});
  defs["resilience"] = object_of(spec::resilience_keys());
  defs["rule"] = object_of(spec::rule_keys());
  defs["neighbor"] = object_of(spec::neighbor_keys());
  defs["neighbor"]["required"] = {"address"};
  defs["longAddress"] = object_of(spec::address_keys());
  defs["longAddress"]["required"] = {"address"};
}

}  // namespace netyard
