// SPDX-License-Identifier: Apache-2.0
#include "topology/run_reader.h"
#include "topology/schema_objects.h"

namespace netyard {
namespace {

using nlohmann::json;

const char* const kRunShapes = R"json({
  "boolean": {"type": ["boolean", "string"]},
  "size": {"type": ["integer", "string"]},
  "duration": {"type": ["number", "string"]},
  "port": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "string"}]},
  "texts": {"anyOf": [{"type": ["string", "number", "null"]},
                      {"type": "array", "items": {"$ref": "#/$defs/string"}}]},
  "run": {"type": ["object", "null"], "additionalProperties": {
            "anyOf": [{"$ref": "#/$defs/command"}, {"$ref": "#/$defs/workload"}]}},
  "env": {"anyOf": [{"$ref": "#/$defs/texts"},
                    {"type": "object", "additionalProperties": {"$ref": "#/$defs/scalar"}}]},
  "seccompProfile": {"type": "string"},
  "seccompAction": {"type": "string"},
  "seccomp": {"anyOf": [{"$ref": "#/$defs/seccompProfile"}, {"$ref": "#/$defs/seccompRules"}]},
  "ioLimits": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/ioLimit"}},
  "restartPolicy": {"enum": ["no", "on-failure", "always", false]},
  "restart": {"anyOf": [{"$ref": "#/$defs/restartPolicy"}, {"$ref": "#/$defs/restartRules"}]}
})json";

json rlimits() {
  json out = {{"type", {"object", "null"}}, {"additionalProperties", false}};
  for (const auto& name : rlimit_names()) out["properties"][name] = {{"$ref", "#/$defs/string"}};
  return out;
}

// Exactly one of the probes.
template <class Keys>
json probing(const Keys& keys, bool (*fits)(const spec::Key<Probe>&)) {
  json out = object_of(keys);
  out["type"] = "object";
  for (const auto& probe : spec::probe_keys()) {
    if (!fits(probe)) continue;
    out["properties"][probe.name] = {{"$ref", std::string("#/$defs/") + probe.shape},
                                     {"description", probe.help}};
    out["oneOf"].push_back({{"required", {probe.name}}});
  }
  return out;
}

json default_workload() {
  json out = object_of(spec::workload_keys());
  for (const auto& key : spec::workload_keys()) {
    if (!spec::may_be_default(key.name)) out["properties"].erase(key.name);
  }
  return out;
}

}  // namespace

void add_run_shapes(json& defs) {
  defs.update(json::parse(kRunShapes));
  defs["workload"] = object_of(spec::workload_keys());
  defs["workload"]["type"] = "object";
  defs["workload"]["required"] = {"command"};
  defs["defaultWorkload"] = default_workload();
  defs["seccompRules"] = object_of(spec::seccomp_keys());
  defs["landlock"] = object_of(spec::landlock_keys());
  defs["limits"] = object_of(spec::limits_keys());
  defs["ioLimit"] = object_of(spec::io_keys());
  defs["rlimits"] = rlimits();
  defs["time"] = object_of(spec::time_keys());
  defs["restartRules"] = object_of(spec::restart_keys());
  defs["restartRules"]["required"] = {"policy"};
  defs["log"] = object_of(spec::log_keys());
  defs["ready"] = probing(spec::ready_keys(), [](const auto&) { return true; });
  defs["healthcheck"] = probing(spec::healthcheck_keys(), spec::fits_healthcheck);
}

}  // namespace netyard
