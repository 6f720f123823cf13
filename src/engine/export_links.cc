// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "engine/export_view.h"
#include "netlink/kind.h"
#include "netlink/link_data.h"
#include "netlink/namespace_id.h"

namespace netyard {
namespace {

constexpr std::uint32_t kLoopback = 1;
constexpr std::uint32_t kUsualMtu = 1500;
constexpr const char* kOutside = "outside";
// What modules make in every namespace, whether it wants them or not.
constexpr std::string_view kFallbackDevices[] = {"gre0",     "gretap0", "erspan0", "sit0",
                                                 "tunl0",    "ip6tnl0", "ip6gre0", "ip_vti0",
                                                 "ip6_vti0", "teql0"};

bool is_as_usual(const FieldSetting& setting) {
  const Field& field = *setting.field;
  if (field.required) return false;
  const std::string key = field.key;
  const std::string word = format_field(field, setting.value);
  // Those whose fallback is "the kind's": what an Ethernet link has.
  if (key == "txqlen") return word == "1000";
  if (key == "arp") return word == "true";
  FieldValue fallback;
  std::string problem;
  if (std::string_view(field.fallback) == "none") return word.empty();
  return parse_field(field, field.fallback, fallback, problem) && fallback == setting.value;
}

// A value as a file has it; interfaces by name.
OrderedJson word_of(const FieldSetting& setting, const InterfaceNames& names) {
  const auto* number = std::get_if<std::uint64_t>(&setting.value);
  std::string word = format_field(*setting.field, setting.value);
  if (number == nullptr) return word;
  if (setting.field->syntax == Syntax::flag) return *number != 0;
  if (setting.field->syntax == Syntax::interface) {
    const auto found = names.find(static_cast<std::uint32_t>(*number));
    return found != names.end() ? found->second : word;
  }
  if (word == std::to_string(*number)) return *number;
  return word;
}

void add(const Settings& settings, const InterfaceNames& names, OrderedJson& out) {
  for (const auto& setting : settings) {
    if (!is_as_usual(setting)) out[setting.field->key] = word_of(setting, names);
  }
}

/// One export of links.
class LinkExport {
 public:
  LinkExport(std::vector<NamespaceView>& views, OrderedJson& file, const Note& note)
      : views_(views), links_(file["links"]), note_(note) {
    links_ = OrderedJson::array();
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

  // Who the other end is, by the id under which this namespace knows its namespace.
  End peer_of(NamespaceView& view, const LinkState& link) {
    for (auto& other : views_) {
      const bool here = &other == &view;
      if (here == link.parent_nsid.has_value()) continue;
      if (!here && namespace_id(view.socket, other.fd.get()) != link.parent_nsid) continue;
      return {&other, other.find(link.parent)};
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
    add(kind_settings(link), view.names, out);
    links_.push_back(std::move(out));
    return true;
  }

  bool add_single(NamespaceView& view, const LinkState& link, const LinkKind& kind) {
    if (link.parent_nsid) {
      leave_out(view, link, "what it stands on is in another namespace");
      return false;
    }
    OrderedJson out = {{"type", kind.name}, {"endpoint", word(view, link)}};
    if (link.parent != 0 && link.parent != link.ifindex) {
      const LinkState* parent = view.find(link.parent);
      if (parent == nullptr || view.left_out.contains(parent->name)) {
        leave_out(view, link, "what it stands on is left out");
        return false;
      }
      out["parent"] = parent->name;
    }
    add(kind_settings(link), view.names, out);
    if (link.kind == "wireguard" || link.kind == "macsec") {
      note_(word(view, link) + ": keys and peers are not read");
    }
    if (out.value("vlan_filtering", false)) {
      note_(word(view, link) + ": VLANs of its ports are not read");
    }
    links_.push_back(std::move(out));
    return true;
  }

  // Into `interfaces` of its node; `kind`: nullptr for lo.
  static void describe(NamespaceView& view, const LinkState& link, const LinkKind* kind) {
    OrderedJson out = OrderedJson::object();
    if (kind != nullptr && kind->own_mac && link.mac) out["mac"] = link.mac->to_string();
    const bool mtu_by_parent = kind != nullptr && kind->ordering == LinkClass::stacked;
    if (kind != nullptr && (link.mtu != kUsualMtu || mtu_by_parent)) out["mtu"] = link.mtu;
    if (const LinkState* master = view.find(link.master)) {
      if (!view.left_out.contains(master->name)) out["master"] = master->name;
      OrderedJson port = OrderedJson::object();
      add(port_settings(link), view.names, port);
      if (!port.empty()) out["port"] = std::move(port);
    }
    if (kind != nullptr) {
      if (!link.up) out["up"] = false;
      add(common_settings(link), view.names, out);
    }
    const auto names = alternative_names(link);
    if (!names.empty()) out["altnames"] = names;
    if (!out.empty()) view.node["interfaces"][link.name] = std::move(out);
  }

  std::vector<NamespaceView>& views_;
  OrderedJson& links_;
  const Note& note_;
  std::string outside_ = kOutside;
  std::size_t next_outside_ = 0;
};

}  // namespace

void export_links(std::vector<NamespaceView>& views, OrderedJson& file, const Note& note) {
  LinkExport links(views, file, note);
  links.run();
  if (links.outside() > 0) file["nodes"][links.outside_name()] = OrderedJson::object();
  if (file["links"].empty()) file.erase("links");
}

}  // namespace netyard
