// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/suggest.h"
#include "netlink/kind.h"
#include "topology/spec.h"
#include "topology/tree.h"

namespace netyard::spec {

using Variables = std::map<std::string, Located<std::string>>;

/// Reads values out of a tree, with variables substituted; mistakes go to the diagnostics, and the
/// value is then nullopt.
class Reader {
 public:
  Reader(Diagnostics& diagnostics, const Variables& variables)
      : diagnostics_(diagnostics), variables_(variables) {}

  Diagnostics& diagnostics() { return diagnostics_; }
  void error(const Location& at, std::string message, std::string hint = {}) {
    diagnostics_.error(at, std::move(message), std::move(hint));
  }

  /// True when the value is of the kind; says what was expected otherwise.
  bool expect(const Tree& value, Tree::Kind kind, const char* what);
  std::optional<Located<std::string>> text(const Tree& value, const char* what);
  std::optional<Located<std::uint32_t>> number(const Tree& value, std::uint32_t min,
                                               std::uint32_t max);
  std::optional<Located<std::string>> interface_name(const Tree& value);
  /// A name of a lab or node.
  std::optional<Located<std::string>> name(const Tree& value, const char* what);
  std::optional<Located<IpAddress>> address(const Tree& value);
  /// An address of an interface: with its prefix length, and none that cannot be one.
  std::optional<Located<IpPrefix>> interface_address(const Tree& value, Family family,
                                                     bool bare_allowed);
  /// One prefix or a list, without host bits, at most one a family.
  std::vector<Located<IpPrefix>> subnets(const Tree& value);
  std::optional<Located<MacAddress>> mac(const Tree& value);
  /// Bytes, 68 to 65535.
  std::optional<Located<std::uint32_t>> mtu(const Tree& value) { return number(value, 68, 65535); }
  std::optional<Setting> field(const Field& field, const Tree& value);

  /// ${NAME} and $$ in a text replaced.
  std::string expand(const std::string& text, const Location& at);

 private:
  Diagnostics& diagnostics_;
  const Variables& variables_;
};

/// A key of a mapping of the file that fills in a T.
template <class T>
struct Key {
  const char* name;
  const char* shape;  // of its value: a definition of the JSON schema
  const char* help;
  void (*read)(Reader& reader, const Tree& value, T& out);
};

/// Reads every key of a mapping by a table. A key that is not in the table goes to `other`, which
/// may be nullptr and answers false for one that it does not know either; `others` are the keys it
/// knows.
template <class T>
void read_mapping(Reader& reader, const Tree& tree, std::span<const Key<T>> keys, T& out,
                  bool (*other)(Reader&, const std::string&, const Tree&, T&) = nullptr,
                  const std::vector<std::string>& others = {}) {
  for (const auto& entry : tree.entries) {
    const std::string& name = entry.key->text;
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return name == k.name; });
    if (found != keys.end()) {
      found->read(reader, *entry.value, out);
      continue;
    }
    if (other != nullptr && other(reader, name, *entry.value, out)) continue;
    std::vector<std::string> known = others;
    for (const auto& key : keys) known.emplace_back(key.name);
    reader.error(entry.key->at, "unknown key '" + name + "'", did_you_mean(name, known));
  }
}

/// The keys of a whole file, without their readers.
struct TopKey {
  const char* name;
  const char* shape;
  const char* help;
};
std::vector<TopKey> top_keys();

/// The tables and readers of the parts of a file; defined in load_*.cc.
std::span<const Key<Node>> node_keys();
std::span<const Key<Interface>> interface_keys();
std::span<const Key<Route>> route_keys();
std::span<const Key<Link>> link_keys();
std::span<const Key<Endpoint>> endpoint_keys();
std::span<const Key<Network>> network_keys();

void read_node(Reader& reader, const Tree& key, const Tree& value, const Tree* defaults,
               File& file);
void read_interfaces(Reader& reader, const Tree& value, Node& node);
void read_routes(Reader& reader, const Tree& value, Node& node);
void read_link(Reader& reader, const Tree& value, const Tree* defaults, File& file);
void read_network(Reader& reader, const Tree& key, const Tree& value, File& file);
std::optional<Endpoint> read_endpoint(Reader& reader, const Tree& value);
/// Reads `ipv4:` or `ipv6:` of one interface: an address or a list.
void read_addresses(Reader& reader, const Tree& value, Family family, Interface& interface);

}  // namespace netyard::spec
