// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlink/names.h"
#include "topology/reader.h"

/// The tables and readers of routes, nexthops, rules, neighbours and addresses; each group is
/// defined in the file named above it.
namespace netyard::spec {

// load_words.cc
/// What a word of iproute2 stands for.
struct Word {
  enum Shape { value, flag, fixed, encap };
  const char* word;
  const char* key;
  Shape shape = value;
  const char* text = "true";  // of a fixed one
};
/// How a line of words is read: words first, what stands at the beginning without one, and what
/// begins an entry of a list ("nexthop").
struct Grammar {
  const char* what;     // "route"
  const char* example;  // "default via 10.0.0.1"
  std::span<const Word> words;
  const char* first = nullptr;  // key of the word that has none in front
  const char* list_word = nullptr;
  const char* list_key = nullptr;
};
/// The mapping that a line stands for, or the mapping itself. A word that is not in the table is a
/// key with a value; "lock" belongs to the value behind it.
std::optional<Tree> mapping_of(Reader& reader, const Tree& value, const Grammar& grammar);

// load_hop.cc
std::span<const Key<Hop>> hop_keys();
std::vector<std::string> hop_key_names();
/// Reads a key of a hop; false when it is none.
bool read_hop_key(Reader& reader, const std::string& key, const Tree& value, Hop& hop);
/// Reads `hops:`: mappings or lines of words.
std::vector<Hop> read_hops(Reader& reader, const Tree& value);

// load_route.cc
std::span<const Key<Route>> route_keys();
// load_mpls.cc
std::span<const Key<MplsRoute>> mpls_keys();
void read_mpls_routes(Reader& reader, const Tree& value, Node& node);
// load_nexthop.cc
std::span<const Key<NextHop>> nexthop_keys();
std::span<const Key<Resilience>> resilience_keys();
void read_nexthops(Reader& reader, const Tree& value, Node& node);
// load_rule.cc
std::span<const Key<Rule>> rule_keys();
void read_rules(Reader& reader, const Tree& value, Node& node);
// load_neighbor.cc
std::span<const Key<Neighbor>> neighbor_keys();
std::vector<Neighbor> read_neighbors(Reader& reader, const Tree& value);
// load_sysctl.cc
/// Reads `sysctls:`; of an interface the names are short for those of its own.
std::vector<Sysctl> read_sysctls(Reader& reader, const Tree& value, bool of_interface);

/// A number or a word of a table of names, from `min` to `max`.
std::optional<Located<std::uint32_t>> read_named(Reader& reader, const Tree& value,
                                                 const char* what,
                                                 std::span<const NumberName> names,
                                                 std::uint32_t min, std::uint32_t max);
/// A number that may be written in hexadecimal.
std::optional<std::uint32_t> parse_number(std::string_view text);

}  // namespace netyard::spec
