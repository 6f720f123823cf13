// SPDX-License-Identifier: Apache-2.0
#include "engine/export_view.h"
#include "netlink/qdisc.h"

namespace netyard {

bool is_as_usual(const FieldSetting& setting) {
  const Field& field = *setting.field;
  if (field.required) return false;
  const std::string key = field.key;
  const std::string word = format_field(field, setting.value);
  // Those whose fallback is "the kind's": what an Ethernet link has.
  if (key == "txqlen") return word == "1000";
  if (key == "arp") return word == "true";
  FieldSetting fallback{&field, {}};
  std::string problem;
  // "none" may be a word of the field, too.
  const bool nothing = word.empty() || word == "00:00:00:00:00:00";
  if (std::string_view(field.fallback) == "none" && nothing) return true;
  return parse_field(field, field.fallback, fallback.value, problem) &&
         same_setting(fallback, setting);
}

Settings without_idle(const LinkKind& kind, Settings settings) {
  std::erase_if(settings, is_as_usual);
  for (const FieldRule* rule = broken_rule(kind, settings);
       rule != nullptr && rule->relation == Relation::needs; rule = broken_rule(kind, settings)) {
    std::erase_if(settings,
                  [&](const auto& one) { return std::string_view(one.field->key) == rule->key; });
  }
  return settings;
}

OrderedJson word_of(const FieldSetting& setting, const InterfaceNames& names) {
  const auto* number = std::get_if<std::uint64_t>(&setting.value);
  std::string word = format_field(*setting.field, setting.value);
  if (number == nullptr) return word;
  if (setting.field->syntax == Syntax::flag) return *number != 0;
  if (setting.field->syntax == Syntax::interface) {
    const auto found = names.find(static_cast<std::uint32_t>(*number));
    return found != names.end() ? found->second : word;
  }
  if (word == std::to_string(*number)) return *number;
  return word;
}

void add_unusual(const Settings& settings, const InterfaceNames& names, OrderedJson& out) {
  for (const auto& setting : settings) {
    if (!is_as_usual(setting)) out[setting.field->key] = word_of(setting, names);
  }
}

}  // namespace netyard
