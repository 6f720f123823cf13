// SPDX-License-Identifier: Apache-2.0
#include "topology/schema.h"

#include "topology/reader.h"
#include "topology/schema_objects.h"

namespace netyard {
namespace {

using nlohmann::json;

// The shapes that the key tables name. Scalars stay loose: ${VAR} may stand in any of them.
const char* const kShapes = R"json({
  "string": {"type": ["string", "number"]},
  "number": {"type": ["integer", "string"]},
  "name": {"type": ["string", "integer"]},
  "address": {"type": "string"},
  "mac": {"type": "string"},
  "mtu": {"anyOf": [{"type": "integer", "minimum": 68, "maximum": 65535}, {"type": "string"}]},
  "table": {"type": ["integer", "string"]},
  "scalar": {"type": ["string", "number", "boolean"]},
  "nodeKind": {"enum": ["host", "router", "switch"]},
  "routing": {"enum": ["none", "static"]},
  "addresses": {"anyOf": [{"type": ["string", "null"]},
                          {"type": "array", "items": {"type": "string"}}]},
  "perEnd": {"anyOf": [{"type": ["string", "null"]},
                       {"type": "array", "items": {"$ref": "#/$defs/addresses"}}]},
  "subnets": {"anyOf": [{"type": "string"},
                        {"type": "array", "items": {"type": "string"}, "maxItems": 2}]},
  "sysctls": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/scalar"}},
  "command": {"anyOf": [{"type": "string"},
                        {"type": "array", "items": {"$ref": "#/$defs/scalar"}, "minItems": 1}]},
  "commands": {"type": ["array", "null"], "items": {"$ref": "#/$defs/command"}},
  "interfaces": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/interface"}},
  "routes": {"type": ["array", "null"],
             "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/route"}]}},
  "endpoint": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/longEndpoint"}]},
  "endpoints": {"type": "array", "items": {"$ref": "#/$defs/endpoint"}},
  "nodes": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/node"}},
  "links": {"type": ["array", "null"], "items": {"$ref": "#/$defs/link"}},
  "networks": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/network"}},
  "defaults": {"type": ["object", "null"], "additionalProperties": false,
               "properties": {"node": {"$ref": "#/$defs/defaultNode"}, "link": {"type": "object"},
                              "workload": {"$ref": "#/$defs/defaultWorkload"}}},
  "vars": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/scalar"}},
  "include": {"anyOf": [{"type": ["string", "null"]},
                        {"type": "array", "items": {"type": "string"}}]}
})json";

void add_fields(json& object, const LinkKind& kind) {
  for (const auto& field : kind.fields) {
    object["properties"][field.key] = {{"$ref", "#/$defs/scalar"},
                                       {"description", std::string(kind.name) + ": " + field.help}};
  }
}

json link_types() {
  json words = {"physical"};
  for (const LinkKind* kind : link_kinds()) words.push_back(kind->name);
  return {{"enum", words}};
}

}  // namespace

std::string json_schema() {
  json defs = json::parse(kShapes);
  defs["linkType"] = link_types();
  defs["node"] = object_of(spec::node_keys());
  defs["network"] = object_of(spec::network_keys());
  defs["link"] = object_of(spec::link_keys());
  defs["route"] = object_of(spec::route_keys());
  defs["interface"] = object_of(spec::interface_keys());
  defs["longEndpoint"] = object_of(spec::endpoint_keys());
  defs["route"]["required"] = {"to"};
  add_fields(defs["node"], *find_link_kind("bridge"));
  add_fields(defs["network"], *find_link_kind("bridge"));
  for (const LinkKind* kind : link_kinds()) add_fields(defs["link"], *kind);
  add_traffic_shapes(defs);
  defs["longEndpoint"]["properties"].update(defs["interface"]["properties"]);
  add_run_shapes(defs);
  defs["defaultNode"] = defs["node"];
  for (const char* key : {"run", "interfaces"}) defs["defaultNode"]["properties"].erase(key);
  json schema = object_of(spec::top_keys());
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "netyard topology file";
  schema["type"] = "object";
  schema["$defs"] = std::move(defs);
  return schema.dump(2) + "\n";
}

}  // namespace netyard
