// SPDX-License-Identifier: Apache-2.0
#include "topology/impairments.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/render.h"
#include "engine/kinds.h"
#include "topology/presets.h"

namespace netyard::cli {
namespace {

nlohmann::json word_json(const Field& field) {
  return {{"key", field.key},
          {"values", describe_values(field)},
          {"default", field.fallback},
          {"help", field.help}};
}

nlohmann::json fields_json(std::span<const Field> fields) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& field : fields) {
    out.push_back(word_json(field));
    out.back()["required"] = field.required;
  }
  return out;
}

void list_words(nlohmann::json& json, std::string& text) {
  Table table({"WORD", "VALUES", "DEFAULT", "MEANING"});
  json["words"] = nlohmann::json::array();
  for (const auto& field : impairment_fields()) {
    json["words"].push_back(word_json(field));
    table.add({field.key, describe_values(field), *field.fallback != '\0' ? field.fallback : "-",
               field.help});
  }
  text += table.render(terminal_width()) + "\n";
}

void list_presets(nlohmann::json& json, std::string& text) {
  Table table({"PRESET", "UP", "DOWN", "WHAT IT IS"});
  json["presets"] = nlohmann::json::array();
  for (const auto& preset : presets()) {
    json["presets"].push_back({{"preset", preset.name},
                               {"up", preset.up},
                               {"down", preset.down},
                               {"help", preset.help},
                               {"source", preset.source}});
    table.add(
        {preset.name, preset.up, preset.is_symmetric() ? "the same" : preset.down, preset.help});
  }
  text += table.render(terminal_width()) + "\n";
}

void list_impairment_kinds(nlohmann::json& json, std::string& text) {
  Table table({"QDISC", "IN THIS KERNEL", "WHAT IT IS"});
  json["qdiscs"] = nlohmann::json::array();
  for (const auto& kind : list_qdiscs()) {
    const QdiscKind& descriptor = *find_qdisc_kind(kind.name);
    nlohmann::json one = {{"kind", kind.name},
                          {"help", kind.help},
                          {"kernel_option", kind.kernel_option},
                          {"keys", fields_json(descriptor.fields)},
                          {"class_keys", fields_json(descriptor.class_fields)}};
    if (kind.available) one["available"] = *kind.available;
    json["qdiscs"].push_back(std::move(one));
    const std::string no = "no (" + kind.kernel_option + ")";
    table.add({kind.name,
               !kind.available   ? "unknown (needs root)"
               : *kind.available ? "yes"
                                 : no,
               kind.help});
  }
  text += table.render(terminal_width());
}

void run_impairments(const Globals& globals) {
  nlohmann::json json;
  std::string text;
  list_words(json, text);
  list_presets(json, text);
  list_impairment_kinds(json, text);
  if (globals.json) return print_json(std::move(json));
  std::fputs(text.c_str(), stdout);
}

}  // namespace

void add_impairments(Command& app, Globals& globals) {
  Command command = app.add_subcommand(
      "impairments", "list the words for impairments, the presets, and the kinds of qdisc");
  command.callback([&globals] { run_impairments(globals); });
}

}  // namespace netyard::cli
