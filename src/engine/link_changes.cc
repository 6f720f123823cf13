// SPDX-License-Identifier: Apache-2.0
#include "engine/compared.h"

namespace netyard {
namespace {

class LinkChanges {
 public:
  explicit LinkChanges(const Compared& what) : what_(what) {}

  std::vector<Change> find() {
    for (NodeId id = 0; id < what_.topology.nodes.size(); ++id) {
      const Node& node = what_.topology.nodes[id];
      for (const auto& wanted : node.interfaces) {
        const LinkState* there = what_.model.link(node, wanted);
        if (there == nullptr) continue;
        change(id, wanted, *there);
        drop_shape(id, wanted, *there);
      }
    }
    return std::move(out_);
  }

 private:
  // Where the file does not say; 0: the kernel's to choose. A bridge follows its ports as long as
  // nobody says otherwise.
  std::uint32_t usual_mtu(NodeId id, const Interface& wanted) const {
    constexpr std::uint32_t kEthernet = 1500;
    if (wanted.kind == "veth") return kEthernet;
    const Node* had = what_.before.node(what_.name(id));
    if (had == nullptr || wanted.kind != "bridge") return 0;
    const bool said =
        std::any_of(had->interfaces.begin(), had->interfaces.end(),
                    [&](const auto& i) { return i.name == wanted.name && i.mtu != 0; });
    return said ? kEthernet : 0;
  }

  void change(NodeId id, const Interface& wanted, const LinkState& there) {
    ChangeLink change{id, {}, wanted.name};
    LinkChange& what = change.change;
    what.ifindex = there.ifindex;
    std::string was;
    const auto note = [&](const std::string& words) { was += (was.empty() ? "" : ", ") + words; };
    const bool made = wanted.kind != "loopback";
    if (there.name != wanted.name) {
      what.name = wanted.name;
      note(there.name);
    }
    if (id != kHost && there.master != wanted.master) {
      what.master = wanted.master;
      const LinkState* master = what_.live(id).find(there.master);
      note(master != nullptr ? "on " + master->name : "on nothing");
    }
    const std::uint32_t mtu = wanted.mtu != 0 ? wanted.mtu : usual_mtu(id, wanted);
    if (made && mtu != 0 && there.mtu != mtu) {
      what.mtu = mtu;
      note("mtu " + std::to_string(there.mtu));
    }
    if (made && wanted.mac && there.mac && *there.mac != *wanted.mac) {
      what.mac = wanted.mac;
      note(there.mac->to_string());
    }
    if (there.up != wanted.details.up) {
      what.up = wanted.details.up;
      note(there.up ? "up" : "down");
    }
    if (was.empty()) return;
    // A bond takes no port that is up, and the kernel renames none; it is set up again by itself.
    if (what.master || what.name) what.up = wanted.details.up;
    out_.push_back({Change::Sign::change, {std::move(change), wanted.at}, std::move(was)});
  }

  // What the file does not say a link has: made by a file before, by `link set`, or by hand.
  void drop_shape(NodeId id, const Interface& wanted, const LinkState& there) {
    if (!wanted.shaping.steps.empty()) return;
    const QdiscState* root = what_.live(id).traffic.root(there.ifindex);
    if (root == nullptr) return;
    out_.push_back({Change::Sign::remove,
                    {Remove{id, wanted.name, GoneQdisc{there.ifindex}}, wanted.at},
                    root->name});
  }

  const Compared& what_;
  std::vector<Change> out_;
};

}  // namespace

std::vector<Change> find_link_changes(const Compared& compared) {
  return LinkChanges(compared).find();
}

}  // namespace netyard
