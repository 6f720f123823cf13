// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "engine/export_keyed.h"
#include "engine/export_view.h"
#include "netlink/kind.h"
#include "netlink/link_data.h"
#include "netlink/namespace_id.h"

namespace netyard {
namespace {

constexpr std::uint32_t kUsualMtu = 1500;
constexpr std::uint32_t kMostMtu = 65535;  // that a file can say; a new VRF has more
constexpr const char* kOutside = "outside";
// What modules make in every namespace, whether it wants them or not.
constexpr std::string_view kFallbackDevices[] = {"gre0",     "gretap0", "erspan0", "sit0",
                                                 "tunl0",    "ip6tnl0", "ip6gre0", "ip_vti0",
                                                 "ip6_vti0", "teql0"};

/// One export of links.
class LinkExport {
 public:
  LinkExport(std::vector<NamespaceView>& views, bool secrets, OrderedJson& file, const Note& note)
      : views_(views), links_(file["links"]), note_(note), keyed_(views, secrets, note) {
    links_ = OrderedJson::array();
    for (auto& view : views_) {
      for (const auto& one : view.links) {
        if (one.parent != 0) by_numbers_.insert({{one.ifindex, one.parent}, {&view, &one}});
      }
    }
    while (std::any_of(views_.begin(), views_.end(),
                       [&](const NamespaceView& view) { return view.name == outside_; })) {
      outside_ += "_";
    }
  }

  void run() {
    for (auto& view : views_) {
      for (const auto& link : view.links) export_link(view, link);
    }
  }
  std::size_t outside() const { return next_outside_; }
  const std::string& outside_name() const { return outside_; }

 private:
  struct End {
    NamespaceView* view = nullptr;
    const LinkState* link = nullptr;
  };

  static std::string word(const NamespaceView& view, const LinkState& link) {
    return view.name + ":" + link.name;
  }

  void leave_out(NamespaceView& view, const LinkState& link, const std::string& why) {
    view.left_out.insert(link.name);
    note_(fmt::format("{} is left out: {}", word(view, link), why));
  }

  void export_link(NamespaceView& view, const LinkState& link) {
    if (link.ifindex == kLoopback) return describe(view, link, nullptr);
    const bool fallback = std::find(std::begin(kFallbackDevices), std::end(kFallbackDevices),
                                    link.name) != std::end(kFallbackDevices);
    if (fallback) {
      view.left_out.insert(link.name);
      return;
    }
    if (const auto taken = view.taken.find(link.name); taken != view.taken.end()) {
      const std::string why = fmt::format(
          "it is taken from the host, where it is {0}: 'type: "
          "physical, host: {0}' takes it",
          taken->second);
      return leave_out(view, link, why);
    }
    const LinkKind* kind = find_link_kind(link.kind);
    if (kind == nullptr) {
      return leave_out(view, link,
                       link.kind.empty() ? "it is hardware, or of no kind"
                                         : "netyard does not make " + link.kind);
    }
    if (const auto problem = interface_name_problem(link.name); !problem.empty()) {
      return leave_out(view, link, problem);
    }
    const bool exported = kind->ordering == LinkClass::pair ? add_pair(view, link, *kind)
                                                            : add_single(view, link, *kind);
    if (exported) describe(view, link, kind);
  }

  // Who the other end is: each names the other's number. By the id under which this namespace knows
  // its namespace.
  End peer_of(NamespaceView& view, const LinkState& link) {
    const auto [first, last] = by_numbers_.equal_range({link.parent, link.ifindex});
    for (auto candidate = first; candidate != last; ++candidate) {
      NamespaceView& other = *candidate->second.view;
      const bool here = &other == &view;
      if (here == link.parent_nsid.has_value()) continue;
      if (!here && namespace_id(view.socket, other.fd.get()) != link.parent_nsid) continue;
      return candidate->second;
    }
    return {};
  }

  bool add_pair(NamespaceView& view, const LinkState& link, const LinkKind& kind) {
    const End peer = peer_of(view, link);
    OrderedJson out = OrderedJson::object();
    if (std::string_view(kind.name) != "veth") out["type"] = kind.name;
    if (peer.link == nullptr) {
      const std::string end = fmt::format("{}:eth{}", outside_, next_outside_++);
      note_(fmt::format("the other end of {} is outside: in the file it is {}", word(view, link),
                        end));
      out["endpoints"] = {word(view, link), end};
    } else {
      const bool first =
          std::pair(view.name, link.name) < std::pair(peer.view->name, peer.link->name);
      if (!first) return true;  // the other end has it
      out["endpoints"] = {word(view, link), word(*peer.view, *peer.link)};
    }
    add_unusual(without_idle(kind, kind_settings(link)), view.names, out);
    links_.push_back(std::move(out));
    return true;
  }

  bool add_single(NamespaceView& view, const LinkState& link, const LinkKind& kind) {
    if (link.parent_nsid) {
      leave_out(view, link, "what it stands on is in another namespace");
      return false;
    }
    OrderedJson out = {{"type", kind.name}, {"endpoint", word(view, link)}};
    const std::uint32_t below = parent_of(link);
    if (below != 0 && below != link.ifindex) {
      const LinkState* parent = view.find(below);
      if (parent == nullptr || view.left_out.contains(parent->name)) {
        leave_out(view, link, "what it stands on is left out");
        return false;
      }
      out["parent"] = parent->name;
    }
    add_unusual(without_idle(kind, kind_settings(link)), view.names, out);
    keyed_.add(view, link, out);
    links_.push_back(std::move(out));
    return true;
  }

  // Into `interfaces` of its node; `kind`: nullptr for lo.
  static void describe(NamespaceView& view, const LinkState& link, const LinkKind* kind) {
    OrderedJson out = OrderedJson::object();
    if (kind != nullptr && kind->own_mac && link.mac) out["mac"] = link.mac->to_string();
    const bool mtu_by_parent = kind != nullptr && kind->ordering == LinkClass::stacked;
    const bool unusual_mtu = mtu_by_parent || (link.mtu != kUsualMtu && link.mtu <= kMostMtu);
    if (kind != nullptr && unusual_mtu) out["mtu"] = link.mtu;
    if (const LinkState* master = view.find(link.master)) {
      if (!view.left_out.contains(master->name)) out["master"] = master->name;
      OrderedJson port = OrderedJson::object();
      add_unusual(port_settings(link), view.names, port);
      if (!port.empty()) out["port"] = std::move(port);
    }
    if (!link.up) out["up"] = false;
    if (kind != nullptr) {
      add_unusual(common_settings(link), view.names, out);
    }
    const auto names = alternative_names(link);
    if (!names.empty()) out["altnames"] = names;
    if (!out.empty()) view.node["interfaces"][link.name] = std::move(out);
  }

  std::vector<NamespaceView>& views_;
  OrderedJson& links_;
  const Note& note_;
  std::multimap<std::pair<std::uint32_t, std::uint32_t>, End> by_numbers_;  // own, other's
  KeyedLinks keyed_;
  std::string outside_ = kOutside;
  std::size_t next_outside_ = 0;
};

}  // namespace

void export_links(std::vector<NamespaceView>& views, bool secrets, OrderedJson& file,
                  const Note& note) {
  LinkExport links(views, secrets, file, note);
  links.run();
  if (links.outside() > 0) file["nodes"][links.outside_name()] = OrderedJson::object();
  if (file["links"].empty()) file.erase("links");
}

}  // namespace netyard
