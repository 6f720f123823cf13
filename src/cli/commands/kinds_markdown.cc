// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/kinds_markdown.h"

#include <fmt/format.h>

namespace netyard::cli {
namespace {

constexpr const char* kIntroduction = R"(# Kinds of link

Made by `netyard kinds --markdown` from the tables that the loader, the messages to the kernel and the tests use.
`netyard kinds` tells which of them this kernel has; `netyard kinds vxlan` prints one of these sections.
Keys stand in the link: `{type: vxlan, endpoint: a:vx0, vni: 100}`. A link with one end takes the keys of an interface
there too (`master`, `vlans`, `fdb`, `up` …). Times have units (`300ms`, `15s`); lists may be one text with blanks.

)";

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string table(const std::vector<KindSummary::Key>& keys) {
  std::string out = "| key | values | default | meaning |\n|---|---|---|---|\n";
  for (const auto& key : keys) {
    const std::string option = key.option.empty() ? "" : " (" + key.option + ")";
    out += fmt::format("| `{}` | {} | {} | {}{} |\n", key.name, cell(key.values),
                       key.required ? "required" : cell(key.fallback), cell(key.help), option);
  }
  return out;
}

// The example names a peer, which is this.
std::string other_end(const KindSummary& kind) {
  if (kind.name == "wireguard") {
    return "  - {type: wireguard, endpoint: b:wg0, ipv4: 10.8.0.2/24, peers: [{peer: "
           "\"a:wg0\"}]}\n";
  }
  if (kind.name != "macsec") return "";
  return "  - {type: macsec, endpoint: b:ms0, parent: eth0, encrypt: true, ipv4: 10.8.0.2/24, "
         "peers: "
         "[\"a:ms0\"]}\n";
}

// A whole file around the example, for a test that brings up each.
std::string example(const KindSummary& kind) {
  return fmt::format(
      "```yaml\nname: kind-{}\nnodes: {{a: {{}}, b: {{}}}}\nlinks:\n"
      "  - {{endpoints: [a:{}, b:{}], ipv4: [10.0.0.1/24, 10.0.0.2/24], ipv6: [\"2001:db8::1/64\", "
      "\"2001:db8::2/64\"]}}\n"
      "  - {}\n{}```\n",
      kind.name, kind.name == "veth" || kind.name == "netkit" ? "up0" : "eth0",
      kind.name == "veth" || kind.name == "netkit" ? "up0" : "eth0",
      kind.name == "veth" || kind.name == "netkit"
          ? kind.example.substr(0, kind.example.find(", subnet")) + ", subnet: 10.6.0.0/24}"
          : kind.example,
      other_end(kind));
}

}  // namespace

std::string kinds_markdown(const std::vector<KindSummary>& kinds,
                           const std::vector<KindSummary::Key>& common) {
  std::string out = kIntroduction;
  out +=
      "## Every interface\n\nIn `interfaces:`, in an endpoint written at length, or in a link with "
      "one end.\n\n" +
      table(common) + "\n";
  for (const auto& kind : kinds) {
    out += fmt::format("## {}\n\n{}; `{}`.{}\n\n", kind.name, kind.help, kind.kernel_option,
                       kind.parent.empty() ? "" : " `parent` is " + kind.parent + ".");
    if (!kind.keys.empty()) out += table(kind.keys) + "\n";
    if (!kind.port_keys.empty())
      out += "Keys of `port:` of its ports:\n\n" + table(kind.port_keys) + "\n";
    out += example(kind) + "\n";
  }
  out.pop_back();
  return out;
}

}  // namespace netyard::cli
