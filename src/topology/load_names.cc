// SPDX-License-Identifier: Apache-2.0
// `hosts:` and `dns:`.
#include <fmt/format.h>

#include "topology/reader.h"

namespace netyard::spec {
namespace {

constexpr std::size_t kLongestHostName = 253;
constexpr std::size_t kMostServers = 3;  // MAXNS in resolv.h
constexpr std::size_t kMostSearched = 6;

bool is_host_name(const std::string& name) {
  if (name.empty() || name.size() > kLongestHostName || name.front() == '-') return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
}

void read_entry(Reader& reader, const Tree::Entry& entry, Hosts& hosts) {
  const std::string name = reader.expand(entry.key->text, entry.key->at);
  if (!is_host_name(name)) {
    reader.error(entry.key->at, fmt::format("'{}' is no host name", name),
                 "letters, digits, '-', '.' and '_', at most 253 bytes");
    return;
  }
  const auto add = [&](const Tree& value) {
    if (const auto address = reader.address(value)) {
      hosts.entries.push_back({{name, entry.key->at}, address->value});
    }
  };
  if (!entry.value->is_sequence()) return add(*entry.value);
  for (const auto& item : entry.value->items) add(*item);
}

void read_servers(Reader& reader, const Tree& value, Dns& dns) {
  const auto add = [&](const Tree& one) {
    if (const auto address = reader.address(one)) dns.servers.push_back(address->value);
  };
  if (!value.is_sequence()) return add(value);
  for (const auto& item : value.items) add(*item);
  if (dns.servers.size() <= kMostServers) return;
  reader.error(value.items[kMostServers]->at,
               fmt::format("resolvers ask {} name servers at most", kMostServers));
}

template <std::vector<std::string> Dns::*Member>
void read_words(Reader& reader, const Tree& value, Dns& dns) {
  for (auto& word : reader.words(value, "a word")) {
    const bool plain = word.value.find_first_of(" \t\n#;") == std::string::npos;
    if (!plain) reader.error(word.at, fmt::format("'{}' is more than a word", word.value));
    if (plain) (dns.*Member).push_back(std::move(word.value));
  }
}

void read_search(Reader& reader, const Tree& value, Dns& dns) {
  read_words<&Dns::search>(reader, value, dns);
  if (dns.search.size() <= kMostSearched) return;
  reader.error(value.at, fmt::format("resolvers search {} domains at most", kMostSearched));
}

constexpr Key<Dns> kNamesKeys[] = {
    {"servers", "addresses", "addresses of name servers, at most 3", read_servers},
    {"search", "words", "domains that short names are looked up in", read_search},
    {"options", "words", "options of resolv.conf(5), as in ndots:2", read_words<&Dns::options>},
};

}  // namespace

std::span<const Key<Dns>> dns_keys() {
  return kNamesKeys;
}

void read_hosts(Reader& reader, const Tree& value, Hosts& hosts) {
  if (value.is_mapping()) {
    for (const auto& entry : value.entries) read_entry(reader, entry, hosts);
    return;
  }
  static constexpr const char* kWords[] = {"all", "none"};
  if (const auto word = reader.choice(value, "all, none or a mapping of names", kWords)) {
    hosts.none = *word == 1;
  }
}

void read_dns(Reader& reader, const Tree& value, std::optional<Dns>& dns) {
  dns.emplace();
  if (value.is_mapping()) return read_mapping<Dns>(reader, value, kNamesKeys, *dns);
  if (value.is_scalar() && value.text == "none") return;
  read_servers(reader, value, *dns);
}

}  // namespace netyard::spec
