// SPDX-License-Identifier: Apache-2.0
#include "topology/impairments.h"
#include "topology/load_traffic.h"
#include "topology/presets.h"
#include "topology/schema_objects.h"

namespace netyard {
namespace {

using nlohmann::json;

json reference(const char* name) {
  return {{"$ref", std::string("#/$defs/") + name}};
}

void add_fields(json& object, std::span<const Field> fields) {
  for (const auto& field : fields) {
    object["properties"][field.key] = {{"$ref", "#/$defs/scalar"}, {"description", field.help}};
  }
}

json empty_object() {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", json::object()}};
}

// "loss.gemodel.p" is a key of a mapping in a mapping; "loss" may be a value, too.
void add_word(json& object, std::string_view key, const char* help) {
  const std::size_t dot = key.find('.');
  const std::string first(key.substr(0, dot));
  json& shape = object["properties"][first];
  if (dot == std::string_view::npos) {
    shape = {{"anyOf", json::array({reference("scalar")})}, {"description", help}};
    return;
  }
  if (shape.is_null()) shape = {{"anyOf", json::array()}};
  json& choices = shape["anyOf"];
  if (choices.empty() || !choices.back().contains("properties")) {
    choices.push_back(empty_object());
  }
  add_word(choices.back(), key.substr(dot + 1), help);
}

json traffic_properties() {
  json object = object_of(spec::traffic_keys());
  for (const auto& field : impairment_fields()) add_word(object, field.key, field.help);
  return object["properties"];
}

json qdisc_shape() {
  json whole = empty_object();
  json kinds = json::array();
  for (const QdiscKind* kind : qdisc_kinds()) {
    kinds.push_back(kind->name);
    add_fields(whole, kind->fields);
  }
  whole["properties"]["kind"] = {{"enum", kinds}};
  whole["properties"]["classes"] = {{"type", "object"},
                                    {"additionalProperties", reference("trafficClass")}};
  whole["required"] = {"kind"};
  return {{"anyOf", json::array({{{"enum", kinds}}, whole})}};
}

json class_shape() {
  json out = object_of(spec::class_keys());
  for (const QdiscKind* kind : qdisc_kinds()) add_fields(out, kind->class_fields);
  out["type"] = "object";
  return out;
}

json preset_names() {
  json out = json::array();
  for (const auto& preset : presets()) out.push_back(preset.name);
  return {{"enum", out}};
}

json offloads_shape() {
  json out = {{"type", "object"},
              {"patternProperties", {{"^[tr]x-", reference("scalar")}}},
              {"additionalProperties", false}};
  for (const auto& word : offload_words()) {
    out["properties"][word.word] = {{"$ref", "#/$defs/scalar"}, {"description", word.help}};
  }
  for (const char* key : {"gso_max_segs", "gso_max_size"}) {
    out["properties"][key] = reference("number");
  }
  return out;
}

}  // namespace

void add_traffic_shapes(json& defs) {
  defs["preset"] = preset_names();
  defs["presetDirection"] = {{"enum", {"up", "down"}}};
  json preset = object_of(spec::preset_keys());
  preset["type"] = "object";
  preset["required"] = {"name"};
  defs["presetUse"] = {{"anyOf", json::array({reference("preset"), preset})}};
  defs["match"] = object_of(spec::match_keys());
  defs["matches"] = {{"anyOf", json::array({reference("match"),
                                            {{"type", "array"}, {"items", reference("match")}}})}};
  defs["trafficClass"] = class_shape();
  defs["qdisc"] = qdisc_shape();
  defs["offloads"] = offloads_shape();
  const json properties = traffic_properties();
  json from = empty_object();
  from["properties"] = properties;
  for (const char* name : {"link", "network", "interface"}) {
    for (const auto& [key, shape] : properties.items()) {
      // Where the kind of link has a field of the name, that is meant.
      if (!defs[name]["properties"].contains(key)) defs[name]["properties"][key] = shape;
    }
  }
  for (const char* name : {"link", "network"}) {
    defs[name]["properties"]["from"] = {{"type", "object"}, {"additionalProperties", from}};
  }
}

}  // namespace netyard
