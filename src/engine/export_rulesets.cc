// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/export_view.h"
#include "engine/nft.h"
#include "netlink/nftables.h"
#include "netlink/xfrm.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

struct Iptables {
  const char* names;  // tables that are there, a line each
  const char* program;
};
constexpr Iptables kIptables[] = {{"/proc/thread-self/net/ip_tables_names", "iptables"},
                                  {"/proc/thread-self/net/ip6_tables_names", "ip6tables"}};

std::string tables_in(const char* path) {
  try {
    std::string out = read_file(path, 4096);
    std::replace(out.begin(), out.end(), '\n', ' ');
    while (out.ends_with(' ')) out.pop_back();
    return out;
  } catch (const Error&) {  // not in this kernel
    return {};
  }
}

// nft shows none of those that older programs loaded.
void note_iptables(const NamespaceView& view, const Note& note) {
  const NamespaceScope inside(view.fd.get());
  for (const auto& [names, program] : kIptables) {
    const std::string tables = tables_in(names);
    if (tables.empty()) continue;
    note(fmt::format("{}: rules of {} are left out (its tables: {})", view.name, program, tables));
  }
}

void note_ipsec(const NamespaceView& view, const Note& note) {
  const NamespaceScope inside(view.fd.get());
  if (has_ipsec()) note(view.name + ": policies and states of IPsec are left out");
}

bool has_tables(const NamespaceView& view) {
  const NamespaceScope inside(view.fd.get());
  return !nft_tables().empty();
}

}  // namespace

void export_ruleset(NamespaceView& view, const Note& note) {
  note_iptables(view, note);
  note_ipsec(view, note);
  if (!has_tables(view)) return;
  const CommandResult result =
      run_command(nft({"-s", "list", "ruleset"}, view.fd.get()), [] { return false; });
  if (!result.ok()) {
    note("rulesets of " + view.name + ": " +
         (result.failure.empty() ? result.describe() : result.failure));
    return;
  }
  // `$` begins a variable of the file; nft's own are gone in what it lists.
  std::string text;
  for (const char c : result.output) text += c == '$' ? "$$" : std::string(1, c);
  std::replace(text.begin(), text.end(), '\t', ' ');
  if (!text.empty()) view.node["nftables"] = text;
}

}  // namespace netyard
