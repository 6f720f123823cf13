// SPDX-License-Identifier: Apache-2.0
// `nftables:`, `conntrack:` and `uplink:` of a node.
#include <fmt/format.h>

#include <array>

#include "topology/reader.h"

namespace netyard::spec {
namespace {

struct FirewallFile {
  std::vector<Located<std::string>> lines;
};

constexpr Key<FirewallFile> kFile[] = {
    {"file", "string", "a file with a ruleset",
     [](Reader& reader, const Tree& value, FirewallFile& out) {
       out.lines = reader.lines_of_file(value);
     }},
};

void add_ruleset(Reader& reader, const Tree& value, Node& node) {
  FirewallFile file;
  if (value.is_mapping()) {
    read_mapping<FirewallFile>(reader, value, kFile, file);
  } else if (reader.expect(value, Tree::Kind::scalar, "a ruleset, or {file: PATH}")) {
    file.lines = reader.lines(value);
  }
  node.nftables.insert(node.nftables.end(), file.lines.begin(), file.lines.end());
}

// net.netfilter.nf_conntrack_WORD of the kernel; seconds.
struct Timeout {
  const char* word;
  const char* sysctl;
};
constexpr Timeout kTimeouts[] = {
    {"udp", "udp_timeout"},
    {"udp_stream", "udp_timeout_stream"},
    {"icmp", "icmp_timeout"},
    {"icmpv6", "icmpv6_timeout"},
    {"generic", "generic_timeout"},
    {"tcp_syn_sent", "tcp_timeout_syn_sent"},
    {"tcp_syn_recv", "tcp_timeout_syn_recv"},
    {"tcp_established", "tcp_timeout_established"},
    {"tcp_fin_wait", "tcp_timeout_fin_wait"},
    {"tcp_close_wait", "tcp_timeout_close_wait"},
    {"tcp_last_ack", "tcp_timeout_last_ack"},
    {"tcp_time_wait", "tcp_timeout_time_wait"},
    {"tcp_close", "tcp_timeout_close"},
    {"tcp_unacknowledged", "tcp_timeout_unacknowledged"},
    {"tcp_max_retrans", "tcp_timeout_max_retrans"},
};

void read_timeout(Reader& reader, const Tree::Entry& entry, Node& node) {
  using std::chrono::seconds;
  const auto found = std::find_if(std::begin(kTimeouts), std::end(kTimeouts),
                                  [&](const Timeout& t) { return entry.key->text == t.word; });
  if (found == std::end(kTimeouts)) {
    reader.error(entry.key->at, fmt::format("unknown key '{}'", entry.key->text),
                 did_you_mean(entry.key->text, conntrack_words()));
    return;
  }
  const auto time = reader.duration(*entry.value, seconds(1));
  if (!time) return;
  const std::string name = std::string("nf_conntrack_") + found->sysctl;
  const auto whole = std::chrono::duration_cast<seconds>(*time);
  if (whole != *time) {
    reader.error(entry.value->at, "the kernel counts these times in whole seconds");
    return;
  }
  node.conntrack.push_back({"net.netfilter." + name, "net/netfilter/" + name,
                            std::to_string(whole.count()), entry.key->at});
}

constexpr int kUplinkBits = 30;

constexpr Key<Uplink> kUplink[] = {
    {"interface", "string", "its name in the node; uplink when not given",
     [](Reader& reader, const Tree& value, Uplink& out) {
       if (auto name = reader.interface_name(value)) out.interface = std::move(name->value);
     }},
    {"subnet", "string",
     "IPv4 prefix of 30 bits between host and node; from the names when not given",
     [](Reader& reader, const Tree& value, Uplink& out) {
       const auto subnets = reader.subnets(value);
       if (subnets.empty()) return;
       const bool right = subnets.size() == 1 && subnets[0].value.family() == Family::ipv4 &&
                          subnets[0].value.length == kUplinkBits;
       if (right) out.subnet = subnets[0];
       if (!right) reader.error(value.at, "an uplink has one IPv4 subnet of 30 bits");
     }},
};

}  // namespace

void read_nftables(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null()) return;
  if (!value.is_sequence()) return add_ruleset(reader, value, node);
  for (const auto& item : value.items) add_ruleset(reader, *item, node);
}

std::vector<std::string> conntrack_words() {
  std::vector<std::string> words;
  words.reserve(std::size(kTimeouts));
  for (const auto& timeout : kTimeouts) words.emplace_back(timeout.word);
  return words;
}

void read_conntrack(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of times")) return;
  for (const auto& entry : value.entries) read_timeout(reader, entry, node);
}

std::span<const Key<Uplink>> uplink_keys() {
  return kUplink;
}

void read_uplink(Reader& reader, const Tree& value, Node& node) {
  Uplink uplink;
  uplink.at = value.at;
  if (value.is_mapping()) {
    read_mapping<Uplink>(reader, value, kUplink, uplink);
  } else if (!reader.boolean(value).value_or(false)) {
    return;
  }
  node.uplink = std::move(uplink);
}

}  // namespace netyard::spec
