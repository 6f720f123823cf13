// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

constexpr std::uint32_t kHeaviest = 256;  // a byte on the wire holds one less

void read_weight(Reader& reader, const Tree& value, Hop& hop) {
  hop.weight = reader.number(value, 1, kHeaviest);
}

void read_onlink(Reader& reader, const Tree& value, Hop& hop) {
  if (reader.boolean(value).value_or(false)) hop.onlink = value.at;
}

void read_encap_words(Reader& reader, const Tree& value, Hop& hop) {
  const auto text = reader.text(value, "an encapsulation");
  std::string problem;
  if (text && !parse_encap(text->value, hop.encap, problem)) {
    reader.error(value.at, fmt::format("'{}' is no encapsulation: {}", text->value, problem));
  }
}

constexpr Key<Hop> kHopKeys[] = {
    {"via", "address", "gateway",
     [](Reader& reader, const Tree& value, Hop& out) { out.via = reader.address(value); }},
    {"dev", "string", "interface",
     [](Reader& reader, const Tree& value, Hop& out) { out.dev = reader.interface_name(value); }},
    {"weight", "number", "share of the flows among several ways, 1 to 256", read_weight},
    {"onlink", "boolean", "the gateway need not be in a subnet of 'dev'", read_onlink},
    {"encap", "string", "mpls LABEL/LABEL, or seg6 mode MODE segs ADDRESS,ADDRESS",
     read_encap_words},
};

constexpr Word kHopWords[] = {{"onlink", "onlink", Word::flag}, {"encap", "encap", Word::encap}};
constexpr Grammar kHopGrammar = {"way out", "via 10.0.0.1 dev eth0 weight 3", kHopWords};

}  // namespace

std::span<const Key<Hop>> hop_keys() {
  return kHopKeys;
}

std::vector<std::string> hop_key_names() {
  std::vector<std::string> names;
  for (const auto& key : kHopKeys) names.emplace_back(key.name);
  return names;
}

bool read_hop_key(Reader& reader, const std::string& key, const Tree& value, Hop& hop) {
  for (const auto& known : kHopKeys) {
    if (key != known.name) continue;
    known.read(reader, value, hop);
    return true;
  }
  return false;
}

std::vector<Hop> read_hops(Reader& reader, const Tree& value) {
  std::vector<Hop> out;
  if (!reader.expect(value, Tree::Kind::sequence, "a list of ways out")) return out;
  for (const auto& item : value.items) {
    const auto mapping = mapping_of(reader, *item, kHopGrammar);
    if (!mapping) continue;
    Hop hop;
    hop.at = item->at;
    read_mapping<Hop>(reader, *mapping, kHopKeys, hop);
    out.push_back(std::move(hop));
  }
  return out;
}

}  // namespace netyard::spec
