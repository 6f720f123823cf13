// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
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
  /// `directory`: see LoadOptions.
  Reader(Diagnostics& diagnostics, const Variables& variables, std::string directory = "/",
         const FileReader* read = nullptr)
      : diagnostics_(diagnostics),
        variables_(variables),
        directory_(std::move(directory)),
        read_(read) {}

  Diagnostics& diagnostics() { return diagnostics_; }
  void error(const Location& at, std::string message, std::string hint = {}) {
    ++errors_;
    diagnostics_.error(at, std::move(message), std::move(hint));
  }
  /// How often error() was called: also for what the diagnostics keep once.
  std::size_t errors() const { return errors_; }

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
  /// The rest is in reader_values.cc. A text that is not empty.
  std::optional<Located<std::string>> word(const Tree& value, const char* what);
  /// One of them or a list, which may be empty; nothing is an empty list.
  std::vector<Located<std::string>> words(const Tree& value, const char* what);
  /// Index of the word that it is.
  std::optional<std::size_t> choice(const Tree& value, const char* what,
                                    std::span<const char* const> choices);
  std::optional<bool> boolean(const Tree& value);
  std::optional<std::int64_t> integer(const Tree& value, std::int64_t min, std::int64_t max);
  /// Bytes, as parse_size() reads them.
  std::optional<std::uint64_t> size(const Tree& value, std::uint64_t min = 0);
  std::optional<std::chrono::milliseconds> duration(const Tree& value,
                                                    std::chrono::milliseconds min = {});
  /// Words, or a line that split_words() splits; there is a first one.
  std::optional<std::vector<std::string>> command(const Tree& value);
  /// A path of which nothing but its text is known: it must be absolute.
  std::optional<Located<std::string>> absolute_path(const Tree& value);
  /// A path on the host, made absolute from the directory of the file that says it.
  std::string host_path(const std::string& path, const Location& at) const;

  /// The lines of a file on the host that a topology file names; mistakes are said at its name.
  std::vector<Located<std::string>> lines_of_file(const Tree& name);
  /// The lines of a text; those of a block know their places.
  std::vector<Located<std::string>> lines(const Tree& value);

  std::optional<Setting> field(const Field& field, const Tree& value);
  /// A text, or a list with blanks between its items.
  std::optional<Located<std::string>> listed(const Tree& value);

  /// ${NAME} and $$ in a text replaced.
  std::string expand(const std::string& text, const Location& at);

 private:
  Diagnostics& diagnostics_;
  const Variables& variables_;
  std::filesystem::path directory_;
  const FileReader* read_;
  std::size_t errors_ = 0;
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

inline constexpr std::uint32_t kMostCost = 65535;

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
std::span<const Key<Link>> link_keys();
std::span<const Key<Endpoint>> endpoint_keys();
std::span<const Key<Network>> network_keys();

/// What stands in `defaults:` of all files; a later file's word wins.
struct Defaults {
  Tree node, link, workload;  // mappings
};
Defaults read_defaults(Reader& reader, const std::vector<Tree::Pointer>& trees);

void read_node(Reader& reader, const Tree& key, const Tree& value, const Defaults& defaults,
               File& file);
void read_interfaces(Reader& reader, const Tree& value, Node& node);
void read_routes(Reader& reader, const Tree& value, Node& node);
void read_link(Reader& reader, const Tree& value, const Tree* defaults, File& file);
void read_network(Reader& reader, const Tree& key, const Tree& value, File& file);
/// The settings of bridges, which are keys of switches and networks, too.
std::vector<std::string> bridge_field_names();
void read_run(Reader& reader, const Tree& value, Node& node);
/// The value of `run:` with the defaults in each workload that does not say otherwise.
Tree with_workload_defaults(const Tree& run, const Tree& defaults);
/// Also what no workload takes from the defaults must be right.
void check_workload_defaults(Reader& reader, const Tree& defaults);
void read_hosts(Reader& reader, const Tree& value, Hosts& hosts);
void read_dns(Reader& reader, const Tree& value, std::optional<Dns>& dns);
std::span<const Key<Dns>> dns_keys();
void read_nftables(Reader& reader, const Tree& value, Node& node);
void read_conntrack(Reader& reader, const Tree& value, Node& node);
std::vector<std::string> conntrack_words();
void read_uplink(Reader& reader, const Tree& value, Node& node);
std::span<const Key<Uplink>> uplink_keys();
void read_nat(Reader& reader, const Tree& value, Node& node);
std::span<const Key<Nat>> nat_keys();
std::optional<Endpoint> read_endpoint(Reader& reader, const Tree& value);
/// Reads `ipv4:` or `ipv6:` of one interface: an address or a list.
void read_addresses(Reader& reader, const Tree& value, Family family, Interface& interface);

}  // namespace netyard::spec
