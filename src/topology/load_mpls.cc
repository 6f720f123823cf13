// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

void read_label(Reader& reader, const Tree& value, MplsRoute& route) {
  route.label.at = value.at;
  if (const auto label = reader.number(value, 16, (1U << 20) - 1)) route.label = *label;
}

void read_swap(Reader& reader, const Tree& value, MplsRoute& route) {
  const auto text = reader.text(value, "labels");
  if (text && !parse_labels(text->value, route.swap)) {
    reader.error(value.at, fmt::format("'{}' is no list of labels", text->value),
                 "labels from 16 to 1048575, outermost first, as in 200/300");
  }
}

constexpr Key<MplsRoute> kMplsKeys[] = {
    {"label", "number", "label of packets that come in", read_label},
    {"as", "string", "labels they get instead; none: the label is popped", read_swap},
};

constexpr Grammar kMplsGrammar = {"MPLS route", "100 as 200 via 10.0.0.1", {}, "label"};

bool read_other(Reader& reader, const std::string& key, const Tree& value, MplsRoute& route) {
  const bool fits = key == "via" || key == "dev";
  return fits && read_hop_key(reader, key, value, route.hop);
}

}  // namespace

std::span<const Key<MplsRoute>> mpls_keys() {
  return kMplsKeys;
}

void read_mpls_routes(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of routes")) return;
  for (const auto& item : value.items) {
    const std::size_t mistakes = reader.errors();
    const auto mapping = mapping_of(reader, *item, kMplsGrammar);
    if (!mapping) continue;
    MplsRoute route;
    route.at = route.hop.at = item->at;
    read_mapping<MplsRoute>(reader, *mapping, kMplsKeys, route, read_other, {"via", "dev"});
    if (mapping->find("label") == nullptr) reader.error(item->at, "the route has no 'label'");
    if (reader.errors() == mistakes) node.mpls_routes.push_back(std::move(route));
  }
}

}  // namespace netyard::spec
