// SPDX-License-Identifier: Apache-2.0
#include "topology/load_traffic.h"

#include <fmt/format.h>

#include "topology/impairments.h"
#include "topology/presets.h"

namespace netyard::spec {
namespace {

std::string first_part(std::string_view key) {
  return std::string(key.substr(0, key.find('.')));
}

// "loss" of "loss.gemodel.p" is a word that may stand for a value or for a mapping.
bool is_word(const std::string& key) {
  for (const auto& field : impairment_fields()) {
    if (first_part(field.key) == key) return true;
  }
  return false;
}

std::vector<std::string> words_below(const std::string& key) {
  std::vector<std::string> out;
  for (const auto& field : impairment_fields()) {
    const std::string_view word = field.key;
    if (!word.starts_with(key + ".")) continue;
    const std::string next = first_part(word.substr(key.size() + 1));
    if (out.empty() || out.back() != next) out.push_back(next);
  }
  return out;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

void read_value(Reader& reader, const Field& field, const Tree& value, Traffic& out) {
  const auto word = reader.text(value, "a value");
  if (!word) return;
  Setting setting{{&field, {}}, value.at};
  std::string problem;
  if (!parse_impairment(field, word->value, setting.setting.value, problem)) {
    reader.error(
        value.at,
        fmt::format("'{}' is not right for {}: expected {}", word->value, field.key, problem),
        field.help);
    return;
  }
  if (auto* name = std::get_if<std::string>(&setting.setting.value);
      name != nullptr && !name->empty() && !is_netem_distribution(*name)) {
    if (name->find('/') == std::string::npos && !name->ends_with(".dist")) {
      reader.error(
          value.at, fmt::format("unknown distribution '{}'", *name),
          "there are uniform, normal, pareto, paretonormal, and files: ./NAME or NAME.dist");
      return;
    }
    *name = reader.host_path(*name, value.at);
  }
  out.words.push_back(std::move(setting));
}

void read_words(Reader& reader, const std::string& key, const Tree& value, Traffic& out) {
  const Field* field = find_field(impairment_fields(), key);
  const std::vector<std::string> below = words_below(key);
  if (!value.is_mapping()) {
    if (field != nullptr) return read_value(reader, *field, value, out);
    reader.error(value.at, fmt::format("expected a mapping, found {}", value.describe()),
                 "its keys are " + list_of(below));
    return;
  }
  if (below.empty()) return read_value(reader, *field, value, out);
  for (const auto& entry : value.entries) {
    const std::string& word = entry.key->text;
    if (std::find(below.begin(), below.end(), word) != below.end()) {
      read_words(reader, key + "." + word, *entry.value, out);
    } else {
      reader.error(entry.key->at, "unknown key '" + word + "'", did_you_mean(word, below));
    }
  }
}

void read_preset_name(Reader& reader, const Tree& value, PresetUse& out) {
  const auto word = reader.text(value, "name of a preset");
  if (!word) return;
  out.preset = find_preset(word->value);
  if (out.preset != nullptr) return;
  std::vector<std::string> known;
  for (const auto& preset : presets()) known.emplace_back(preset.name);
  const std::string hint = did_you_mean(word->value, known);
  reader.error(value.at, fmt::format("there is no preset '{}'", word->value),
               hint.empty() ? "there are " + list_of(known) : hint);
}

constexpr const char* kDirections[] = {"up", "down"};

constexpr Key<PresetUse> kPresetKeys[] = {
    {"name", "preset", "one of 'netyard impairments'", read_preset_name},
    {"subscriber", "string",
     "of a link: the end that is the subscriber's; the first when not given",
     [](Reader& reader, const Tree& value, PresetUse& out) {
       if (const auto word = reader.text(value, "an end, NODE or NODE:INTERFACE")) {
         out.subscriber = word->value;
       }
     }},
    {"direction", "presetDirection", "of one end: up is from the subscriber, down is to it",
     [](Reader& reader, const Tree& value, PresetUse& out) {
       if (const auto index = reader.choice(value, "up or down", kDirections)) out.up = *index == 0;
     }},
};

void read_preset(Reader& reader, const Tree& value, Traffic& out) {
  PresetUse use;
  use.at = value.at;
  if (value.is_mapping()) {
    read_mapping<PresetUse>(reader, value, kPresetKeys, use);
    if (value.find("name") == nullptr) reader.error(value.at, "the preset has no 'name'");
  } else {
    read_preset_name(reader, value, use);
  }
  if (use.preset != nullptr) out.preset = std::move(use);
}

void read_offload(Reader& reader, const Tree& key, const Tree& value, Traffic& out) {
  const std::string& word = key.text;
  std::vector<std::string> known = {"gso_max_segs", "gso_max_size"};
  for (const auto& offload : offload_words()) known.emplace_back(offload.word);
  const bool kernel_name = word.starts_with("tx-") || word.starts_with("rx-");
  if (word == "gso_max_segs") {
    out.gso_max_segs = reader.number(value, 1, UINT16_MAX);
  } else if (word == "gso_max_size") {
    out.gso_max_size = reader.number(value, 1, 1U << 19);
  } else if (kernel_name || std::find(known.begin(), known.end(), word) != known.end()) {
    if (const auto on = reader.boolean(value)) out.offloads.push_back({{word, *on}, key.at});
  } else {
    reader.error(key.at, fmt::format("unknown offload '{}'", word), did_you_mean(word, known));
  }
}

void read_offloads(Reader& reader, const Tree& value, Traffic& out) {
  if (!reader.expect(value, Tree::Kind::mapping, "a mapping of offloads")) return;
  for (const auto& entry : value.entries) read_offload(reader, *entry.key, *entry.value, out);
}

void read_qdisc_key(Reader& reader, const Tree& value, Traffic& out) {
  out.qdisc = read_qdisc(reader, value);
}

constexpr Key<Traffic> kTrafficKeys[] = {
    {"preset", "presetUse", "impairments known by a name; own keys are stronger", read_preset},
    {"qdisc", "qdisc", "a queueing discipline in the kernel's words, instead of impairments",
     read_qdisc_key},
    {"offloads", "offloads", "work that is left to the device, on or off", read_offloads},
};

void read_from(Reader& reader, const Tree& value, SharedTraffic& out) {
  if (!reader.expect(value, Tree::Kind::mapping, "a mapping by sending end")) return;
  for (const auto& entry : value.entries) {
    const std::string end = reader.expand(entry.key->text, entry.key->at);
    const std::size_t colon = end.find(':');
    SharedTraffic::From from;
    from.node = end.substr(0, colon);
    if (colon != std::string::npos) from.interface = end.substr(colon + 1);
    from.at = entry.key->at;
    if (!reader.expect(*entry.value, Tree::Kind::mapping, "a mapping of impairments")) continue;
    read_mapping<Traffic>(reader, *entry.value, {}, from.traffic, read_traffic, traffic_names());
    out.from.push_back(std::move(from));
  }
}

}  // namespace

bool read_traffic(Reader& reader, const std::string& key, const Tree& value, Traffic& out) {
  for (const auto& known : kTrafficKeys) {
    if (key != known.name) continue;
    known.read(reader, value, out);
    return true;
  }
  if (!is_word(key)) return false;
  read_words(reader, key, value, out);
  return true;
}

bool read_shared_traffic(Reader& reader, const std::string& key, const Tree& value,
                         SharedTraffic& out) {
  if (key != "from") return read_traffic(reader, key, value, out.all);
  read_from(reader, value, out);
  return true;
}

const std::vector<std::string>& traffic_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& key : kTrafficKeys) names.emplace_back(key.name);
    for (const auto& field : impairment_fields()) {
      std::string word = first_part(field.key);
      if (names.back() != word) names.push_back(std::move(word));
    }
    return names;
  }();
  return kNames;
}

std::span<const Key<Traffic>> traffic_keys() {
  return kTrafficKeys;
}
std::span<const Key<PresetUse>> preset_keys() {
  return kPresetKeys;
}

}  // namespace netyard::spec
