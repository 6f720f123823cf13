// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>

#include "topology/load_traffic.h"

namespace netyard::spec {
namespace {

std::vector<std::string> names_of(std::span<const Field> fields) {
  std::vector<std::string> out;
  for (const auto& field : fields) out.emplace_back(field.key);
  return out;
}

void check_required(Reader& reader, const Tree& value, std::span<const Field> fields,
                    const std::string& what) {
  for (const auto& field : fields) {
    if (!field.required || value.find(field.key) != nullptr) continue;
    reader.error(value.at, fmt::format("{} needs '{}'", what, field.key), field.help);
  }
}

// As tc shows them: hexadecimal, with or without "1:".
std::optional<std::uint32_t> class_number(Reader& reader, const Tree& value) {
  const auto word = reader.text(value, "the number of a class");
  if (!word) return {};
  std::string_view text = word->value;
  if (text.starts_with("1:")) text.remove_prefix(2);
  std::uint32_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (failed == std::errc() && end == text.data() + text.size() && number > 0 && number <= 0xFFFF) {
    return number;
  }
  reader.error(value.at, fmt::format("'{}' is no number of a class", word->value),
               "a hexadecimal number from 1 to ffff, as tc has them");
  return {};
}

template <class T>
std::optional<T> small_number(Reader& reader, const Tree& value, std::uint32_t max) {
  const auto number = reader.number(value, 0, max);
  if (!number) return {};
  return static_cast<T>(number->value);
}

// RFC 2474, 2597, 3246, 5865, 8622.
constexpr Choice kDscp[] = {{"cs0", 0},   {"le", 1},    {"cs1", 8},   {"af11", 10}, {"af12", 12},
                            {"af13", 14}, {"cs2", 16},  {"af21", 18}, {"af22", 20}, {"af23", 22},
                            {"cs3", 24},  {"af31", 26}, {"af32", 28}, {"af33", 30}, {"cs4", 32},
                            {"af41", 34}, {"af42", 36}, {"af43", 38}, {"cs5", 40},  {"va", 44},
                            {"ef", 46},   {"cs6", 48},  {"cs7", 56}};
constexpr Choice kProtocols[] = {
    {"icmp", 1}, {"tcp", 6}, {"udp", 17}, {"icmpv6", 58}, {"sctp", 132}};

std::optional<std::uint8_t> word_or_number(Reader& reader, const Tree& value,
                                           std::span<const Choice> words, std::uint32_t max) {
  for (const auto& choice : words) {
    if (value.text == choice.word) return static_cast<std::uint8_t>(choice.number);
  }
  return small_number<std::uint8_t>(reader, value, max);
}

void read_prefix(Reader& reader, const Tree& value, std::optional<IpPrefix>& out) {
  const auto word = reader.text(value, "a prefix");
  if (!word) return;
  out = IpPrefix::parse(word->value);
  if (!out) {
    reader.error(value.at, fmt::format("'{}' is no prefix", word->value), "as in 10.0.1.0/24");
  }
}

constexpr Key<TrafficFilter> kMatchKeys[] = {
    {"dscp", "scalar", "differentiated services code point: ef, af41, or a number",
     [](Reader& reader, const Tree& value, TrafficFilter& out) {
       out.match.dscp = word_or_number(reader, value, kDscp, 63);
     }},
    {"protocol", "scalar", "tcp, udp, icmp, or a number",
     [](Reader& reader, const Tree& value, TrafficFilter& out) {
       out.match.protocol = word_or_number(reader, value, kProtocols, 255);
     }},
    {"src", "string", "source prefix",
     [](Reader& reader, const Tree& value, TrafficFilter& out) {
       read_prefix(reader, value, out.match.source);
     }},
    {"dst", "string", "destination prefix",
     [](Reader& reader, const Tree& value, TrafficFilter& out) {
       read_prefix(reader, value, out.match.destination);
     }},
    {"sport", "number", "source port",
     [](Reader& reader, const Tree& value, TrafficFilter& out) {
       out.match.source_port = small_number<std::uint16_t>(reader, value, UINT16_MAX);
     }},
    {"dport", "number", "destination port",
     [](Reader& reader, const Tree& value, TrafficFilter& out) {
       out.match.destination_port = small_number<std::uint16_t>(reader, value, UINT16_MAX);
     }},
    {"mark", "number", "mark of the packet; stands alone",
     [](Reader& reader, const Tree& value, TrafficFilter& out) {
       if (const auto mark = reader.number(value, 1, UINT32_MAX)) out.mark = mark->value;
     }},
};

// A match that names no family is one filter for each.
void add_families(Reader& reader, const Tree& value, TrafficFilter filter, ClassUse& out) {
  const bool fields = filter.match != PacketMatch{};
  if (filter.mark != 0 && fields) {
    reader.error(value.at, "'mark' stands alone", "make two matches of it");
    return;
  }
  const auto& from = filter.match.source;
  const auto& to = filter.match.destination;
  if (from && to && from->family() != to->family()) {
    reader.error(value.at, "'src' and 'dst' are of two families: nothing matches");
    return;
  }
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    if ((from && from->family() != family) || (to && to->family() != family)) continue;
    filter.match.family = family;
    out.matches.push_back({filter, value.at});
    if (filter.mark != 0) return;
  }
}

void read_match(Reader& reader, const Tree& value, ClassUse& out) {
  if (value.is_sequence()) {
    for (const auto& item : value.items) read_match(reader, *item, out);
    return;
  }
  if (!reader.expect(value, Tree::Kind::mapping, "a match, or a list of them")) return;
  TrafficFilter filter;
  const std::size_t before = reader.errors();
  read_mapping<TrafficFilter>(reader, value, kMatchKeys, filter);
  if (reader.errors() == before) add_families(reader, value, filter, out);
}

constexpr Key<ClassUse> kClassKeys[] = {
    {"parent", "scalar", "the class that it is a part of; the qdisc itself when not given",
     [](Reader& reader, const Tree& value, ClassUse& out) {
       if (const auto number = class_number(reader, value)) out.parent = *number;
     }},
    {"qdisc", "qdisc", "what its packets wait in",
     [](Reader& reader, const Tree& value, ClassUse& out) {
       if (auto leaf = read_qdisc(reader, value)) out.leaf.push_back(std::move(*leaf));
     }},
    {"match", "matches", "the packets that are put into it; a list: any of them", read_match},
};

struct ClassReading {
  const QdiscKind* kind;
  ClassUse use;
};

bool read_class_field(Reader& reader, const std::string& key, const Tree& value,
                      ClassReading& out) {
  for (const auto& known : kClassKeys) {
    if (key != known.name) continue;
    known.read(reader, value, out.use);
    return true;
  }
  const Field* field = out.kind->find_class(key);
  if (field == nullptr) return false;
  if (auto setting = reader.field(*field, value)) out.use.settings.push_back(std::move(*setting));
  return true;
}

void read_classes(Reader& reader, const Tree& value, QdiscUse& out) {
  if (!reader.expect(value, Tree::Kind::mapping, "a mapping of classes by number")) return;
  std::vector<std::string> names = names_of(out.kind->class_fields);
  for (const auto& key : kClassKeys) names.emplace_back(key.name);
  for (const auto& entry : value.entries) {
    const auto number = class_number(reader, *entry.key);
    if (!number || !reader.expect(*entry.value, Tree::Kind::mapping, "a class, a mapping"))
      continue;
    ClassReading reading{out.kind, {}};
    reading.use.number = *number;
    reading.use.at = entry.key->at;
    check_required(reader, *entry.value, out.kind->class_fields,
                   fmt::format("a class of {}", out.kind->name));
    read_mapping<ClassReading>(reader, *entry.value, {}, reading, read_class_field, names);
    out.classes.push_back(std::move(reading.use));
  }
}

const QdiscKind* read_kind(Reader& reader, const Tree& value) {
  const auto word = reader.text(value, "a kind of qdisc");
  if (!word) return nullptr;
  if (const QdiscKind* kind = find_qdisc_kind(word->value)) return kind;
  std::vector<std::string> known;
  std::string list;
  for (const QdiscKind* kind : qdisc_kinds()) {
    known.emplace_back(kind->name);
    list += std::string(list.empty() ? "" : ", ") + kind->name;
  }
  const std::string hint = did_you_mean(word->value, known);
  reader.error(value.at, fmt::format("unknown kind of qdisc '{}'", word->value),
               hint.empty() ? "there are " + list : hint);
  return nullptr;
}

bool read_qdisc_field(Reader& reader, const std::string& key, const Tree& value, QdiscUse& out) {
  if (key == "kind") return true;
  if (key == "classes" && out.kind->has_classes) {
    read_classes(reader, value, out);
    return true;
  }
  const Field* field = out.kind->find(key);
  if (field == nullptr) return false;
  if (auto setting = reader.field(*field, value)) out.settings.push_back(std::move(*setting));
  return true;
}

}  // namespace

std::optional<QdiscUse> read_qdisc(Reader& reader, const Tree& value) {
  QdiscUse out;
  out.at = value.at;
  if (value.is_scalar()) {
    out.kind = read_kind(reader, value);
  } else if (reader.expect(value, Tree::Kind::mapping, "a kind of qdisc, or a mapping")) {
    const Tree* kind = value.find("kind");
    if (kind == nullptr) reader.error(value.at, "the qdisc has no 'kind'", "write kind: tbf");
    if (kind != nullptr) out.kind = read_kind(reader, *kind);
  }
  if (out.kind == nullptr) return {};
  check_required(reader, value, out.kind->fields, fmt::format("the qdisc {}", out.kind->name));
  std::vector<std::string> names = names_of(out.kind->fields);
  names.insert(names.end(), {"kind", "classes"});
  read_mapping<QdiscUse>(reader, value, {}, out, read_qdisc_field, names);
  return out;
}

std::span<const Key<ClassUse>> class_keys() {
  return kClassKeys;
}
std::span<const Key<TrafficFilter>> match_keys() {
  return kMatchKeys;
}

}  // namespace netyard::spec
