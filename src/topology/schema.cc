// SPDX-License-Identifier: Apache-2.0
#include "topology/schema.h"

#include "topology/link_detail_keys.h"
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
  "scalar": {"type": ["string", "number", "boolean"]},
  "nodeKind": {"enum": ["host", "router", "switch"]},
  "routing": {"enum": ["none", "static"]},
  "addresses": {"anyOf": [{"type": ["string", "null"]}, {"$ref": "#/$defs/longAddress"},
                          {"type": "array", "items": {"anyOf": [
                            {"type": "string"}, {"$ref": "#/$defs/longAddress"}]}}]},
  "perEnd": {"anyOf": [{"type": ["string", "null"]}, {"$ref": "#/$defs/longAddress"},
                       {"type": "array", "items": {"$ref": "#/$defs/addresses"}}]},
  "listed": {"anyOf": [{"$ref": "#/$defs/scalar"},
                       {"type": "array", "items": {"$ref": "#/$defs/scalar"}}]},
  "vlans": {"anyOf": [{"type": ["integer", "string", "null"]}, {"$ref": "#/$defs/vlan"},
                      {"type": "array", "items": {"anyOf": [{"type": ["integer", "string"]},
                                                            {"$ref": "#/$defs/vlan"}]}}]},
  "fdb": {"type": ["array", "null"], "items": {"$ref": "#/$defs/fdbEntry"}},
  "mdb": {"type": ["array", "null"], "items": {"$ref": "#/$defs/mdbEntry"}},
  "linkPeers": {"type": ["array", "null"],
                "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/wireguardPeer"},
                                    {"$ref": "#/$defs/macsecPeer"}]}},
  "subnets": {"anyOf": [{"type": "string"},
                        {"type": "array", "items": {"type": "string"}, "maxItems": 2}]},
  "sysctls": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/scalar"}},
  "command": {"anyOf": [{"type": "string"},
                        {"type": "array", "items": {"$ref": "#/$defs/scalar"}, "minItems": 1}]},
  "commands": {"type": ["array", "null"], "items": {"$ref": "#/$defs/command"}},
  "interfaces": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/interface"}},
  "endpoint": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/longEndpoint"}]},
  "endpoints": {"type": "array", "items": {"$ref": "#/$defs/endpoint"}},
  "nodes": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/node"}},
  "links": {"type": ["array", "null"], "items": {"$ref": "#/$defs/link"}},
  "networks": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/network"}},
  "defaults": {"type": ["object", "null"], "additionalProperties": false,
               "properties": {"node": {"$ref": "#/$defs/defaultNode"}, "link": {"type": "object"},
                              "workload": {"$ref": "#/$defs/defaultWorkload"}}},
  "hosts": {"anyOf": [{"enum": ["all", "none"]},
                      {"type": "object", "additionalProperties": {"$ref": "#/$defs/addresses"}}]},
  "nftables": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/file"},
                         {"type": "array",
                          "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/file"}]}}]},
  "file": {"type": "object", "additionalProperties": false, "required": ["file"],
           "properties": {"file": {"type": "string"}}},
  "nat": {"anyOf": [{"type": ["string", "null"]}, {"$ref": "#/$defs/natItem"},
                    {"type": "array",
                     "items": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/natItem"}]}}]},
  "natType": {"enum": ["port-restricted", "restricted-cone", "full-cone", "symmetric"]},
  "natFamily": {"enum": ["ipv4", "ipv6"]},
  "ports": {"type": ["integer", "string"]},
  "flag": {"type": ["boolean", "string"]},
  "uplink": {"anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/longUplink"}]},
  "words": {"anyOf": [{"type": ["string", "null"]},
                      {"type": "array", "items": {"$ref": "#/$defs/scalar"}}]},
  "dns": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}},
                    {"$ref": "#/$defs/longDns"}]},
  "vars": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/scalar"}},
  "include": {"anyOf": [{"type": ["string", "null"]},
                        {"type": "array", "items": {"type": "string"}}]}
})json";

void add_fields(json& object, std::span<const Field> fields, const std::string& whose) {
  for (const auto& field : fields) {
    const char* shape = is_list(field.syntax) ? "#/$defs/listed" : "#/$defs/scalar";
    object["properties"][field.key] = {{"$ref", shape}, {"description", whose + field.help}};
  }
}

void add_fields(json& object, const LinkKind& kind) {
  add_fields(object, kind.fields, std::string(kind.name) + ": ");
  add_fields(object, kind.device_fields, std::string(kind.name) + ": ");
}

// What is said of the link itself, wherever interfaces are described.
void add_link_details(json& defs) {
  defs["vlan"] = object_of(spec::vlan_keys());
  defs["fdbEntry"] = object_of(spec::fdb_keys());
  defs["mdbEntry"] = object_of(spec::mdb_keys());
  defs["wireguardPeer"] = object_of(spec::peer_keys());
  defs["macsecPeer"] = object_of(spec::macsec_peer_keys());
  defs["linkPort"] = {{"type", "object"}, {"additionalProperties", false}};
  for (const LinkKind* kind : link_kinds()) {
    add_fields(defs["linkPort"], kind->port_fields, std::string("port of a ") + kind->name + ": ");
  }
  json details = object_of(spec::link_detail_keys());
  add_fields(details, link_fields(), "");
  for (const char* holder : {"interface", "link"}) {
    for (const auto& [key, shape] : details["properties"].items()) {
      defs[holder]["properties"].emplace(key, shape);
    }
  }
  defs["link"]["properties"].emplace("master", defs["interface"]["properties"]["master"]);
  defs["link"]["properties"].update(object_of(spec::wireguard_keys())["properties"]);
  const json macsec = object_of(spec::macsec_keys());
  for (const auto& [key, shape] : macsec["properties"].items()) {
    defs["link"]["properties"].emplace(key, shape);
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
  defs["interface"] = object_of(spec::interface_keys());
  defs["longEndpoint"] = object_of(spec::endpoint_keys());
  defs["natItem"] = object_of(spec::nat_keys());
  defs["longUplink"] = object_of(spec::uplink_keys());
  defs["conntrack"] = {{"type", {"object", "null"}}, {"additionalProperties", false}};
  for (const auto& word : spec::conntrack_words()) {
    defs["conntrack"]["properties"][word] = {{"$ref", "#/$defs/scalar"}};
  }
  defs["longDns"] = object_of(spec::dns_keys());
  add_fields(defs["node"], *find_link_kind("bridge"));
  add_fields(defs["network"], *find_link_kind("bridge"));
  for (const LinkKind* kind : link_kinds()) add_fields(defs["link"], *kind);
  add_link_details(defs);
  add_traffic_shapes(defs);
  defs["longEndpoint"]["properties"].update(defs["interface"]["properties"]);
  add_run_shapes(defs);
  add_layer3_shapes(defs);
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
