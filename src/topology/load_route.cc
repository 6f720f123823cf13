// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/words.h"
#include "topology/reader.h"

namespace netyard::spec {
namespace {

constexpr std::uint32_t kMainTable = 254;

void read_to(Reader& reader, const Tree& value, Route& route) {
  const auto word = reader.text(value, "a destination");
  if (!word) return;
  route.to.at = value.at;
  if (word->value == "default") return;  // the family is the gateway's: see settle
  const auto prefix = IpPrefix::parse(word->value);
  if (!prefix) {
    reader.error(value.at, fmt::format("'{}' is no destination", word->value),
                 "write 'default' or a prefix, as in 10.0.0.0/8");
  } else if (prefix->has_host_bits()) {
    reader.error(value.at, fmt::format("{} has host bits", word->value),
                 fmt::format("the destination is {}", prefix->network().to_string()));
  } else {
    route.to.value = *prefix;
  }
}

void read_table(Reader& reader, const Tree& value, Route& route) {
  if (value.is_scalar() && value.text == "main") {
    route.table = {kMainTable, value.at};
    return;
  }
  route.table = reader.number(value, 1, UINT32_MAX);
}

constexpr Key<Route> kKeys[] = {
    {"to", "string", "destination: default or a prefix", read_to},
    {"via", "address", "gateway",
     [](Reader& reader, const Tree& value, Route& out) { out.via = reader.address(value); }},
    {"dev", "string", "interface",
     [](Reader& reader, const Tree& value, Route& out) { out.dev = reader.interface_name(value); }},
    {"metric", "number", "the smaller one wins",
     [](Reader& reader, const Tree& value, Route& out) {
       out.metric = reader.number(value, 0, UINT32_MAX);
     }},
    {"table", "table", "routing table: a number or main", read_table},
    {"src", "address", "source address that the route prefers",
     [](Reader& reader, const Tree& value, Route& out) { out.source = reader.address(value); }},
};

Tree::Pointer scalar_at(const std::string& text, const Location& at) {
  auto tree = std::make_shared<Tree>();
  tree->at = at;
  tree->text = text;
  tree->quoted = true;
  return tree;
}

// "10.0.0.0/8 via 10.0.0.1 dev eth0" as the mapping it stands for.
std::optional<Tree> route_words(Reader& reader, const Tree& value) {
  std::vector<std::string> words;
  std::string problem;
  if (!split_words(value.text, words, problem) || words.empty()) {
    reader.error(value.at, "the route is empty", "as in: default via 10.0.0.1");
    return {};
  }
  Tree out;
  out.kind = Tree::Kind::mapping;
  out.at = value.at;
  out.entries.push_back({scalar_at("to", value.at), scalar_at(words[0], value.at)});
  for (std::size_t i = 1; i < words.size(); i += 2) {
    if (i + 1 == words.size()) {
      reader.error(value.at, fmt::format("'{}' has no value", words[i]));
      return {};
    }
    if (out.find(words[i]) != nullptr) {
      reader.error(value.at, fmt::format("'{}' is here twice", words[i]));
      return {};
    }
    out.entries.push_back({scalar_at(words[i], value.at), scalar_at(words[i + 1], value.at)});
  }
  return out;
}

// What the words mean together.
void settle(Route& route, bool is_default) {
  if (!is_default || !route.via) return;
  route.to.value.address.family = route.via->value.family;
}

}  // namespace

std::span<const Key<Route>> route_keys() {
  return kKeys;
}

void read_routes(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of routes")) return;
  for (const auto& item : value.items) {
    Tree mapping = *item;
    if (item->is_scalar()) {
      auto words = route_words(reader, *item);
      if (!words) continue;
      mapping = std::move(*words);
    } else if (!reader.expect(*item, Tree::Kind::mapping, "a route")) {
      continue;
    }
    const Tree* to = mapping.find("to");
    if (to == nullptr) {
      reader.error(item->at, "the route has no 'to'");
      continue;
    }
    const std::size_t mistakes = reader.diagnostics().errors();
    Route route;
    route.at = item->at;
    read_mapping<Route>(reader, mapping, kKeys, route);
    if (reader.diagnostics().errors() != mistakes) continue;
    settle(route, to->is_scalar() && reader.expand(to->text, to->at) == "default");
    node.routes.push_back(std::move(route));
  }
}

}  // namespace netyard::spec
