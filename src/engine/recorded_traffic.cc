// SPDX-License-Identifier: Apache-2.0
#include "engine/recorded_traffic.h"

#include "topology/impairments.h"

namespace netyard {
namespace {

Settings settings_from(std::span<const std::string> list, std::span<const Field> fields) {
  Settings out;
  for (const auto& text : list) {
    const std::size_t equals = text.find('=');
    const Field* field = find_field(fields, text.substr(0, equals));
    if (field == nullptr || equals == std::string::npos) continue;
    FieldSetting setting{field, {}};
    std::string problem;
    if (parse_field(*field, text.substr(equals + 1), setting.value, problem)) {
      out.push_back(std::move(setting));
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> word_list(const Settings& words) {
  std::vector<std::string> out;
  for (const auto& word : words) {
    out.push_back(std::string(word.field->key) + "=" + format_field(*word.field, word.value));
  }
  return out;
}

Settings words_from(std::span<const std::string> list) {
  return settings_from(list, impairment_fields());
}

void record_shaping(const Shaping& shaping, RecordedInterface& out) {
  out.words = word_list(shaping.words);
  for (const auto& step : shaping.steps) {
    if (const auto* qdisc = std::get_if<Qdisc>(&step.object)) {
      out.qdiscs.push_back({qdisc->kind->name, qdisc->is_class, qdisc->parent, qdisc->handle,
                            word_list(qdisc->settings)});
    } else {
      ++out.filters;
    }
  }
}

Qdisc recorded_qdisc(const RecordedQdisc& recorded, std::uint32_t ifindex) {
  Qdisc out;
  out.kind = find_qdisc_kind(recorded.kind);
  out.is_class = recorded.is_class;
  out.ifindex = ifindex;
  out.parent = recorded.parent;
  out.handle = recorded.handle;
  if (out.kind == nullptr) return out;
  out.settings =
      settings_from(recorded.settings, out.is_class ? out.kind->class_fields : out.kind->fields);
  return out;
}

}  // namespace netyard
