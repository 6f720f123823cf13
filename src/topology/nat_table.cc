// SPDX-License-Identifier: Apache-2.0
#include "topology/nat_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/suggest.h"

namespace netyard {
namespace {

constexpr const char* kMemory = "300s";  // of the tables of a cone: as long as RFC 4787 asks for
constexpr std::uint64_t kMostSubscribers = 4096;

const char* to_string(spec::NatType type) {
  static constexpr const char* kWords[] = {"port-restricted", "restricted-cone", "full-cone",
                                           "symmetric"};
  return kWords[static_cast<std::size_t>(type)];
}

// "ip" or "ip6": what nft calls the family in an expression.
const char* word(Family family) {
  return family == Family::ipv4 ? "ip" : "ip6";
}

std::string range(std::uint32_t first, std::uint32_t last) {
  return first == last ? std::to_string(first) : fmt::format("{}-{}", first, last);
}

/// The table of `nat:` of one node.
class NatWriter {
 public:
  NatWriter(const Node& node, Diagnostics& diagnostics) : node_(node), diagnostics_(diagnostics) {}

  void add(const spec::Nat& nat) {
    nat_ = &nat;
    ++number_;
    if (nat.masquerade) masquerade();
    if (nat.forward) forward();
    if (nat.one_to_one) one_to_one();
    if (nat.cgnat) cgnat();
  }

  /// Lines of a table `inet netyard`.
  void write(Ruleset& out) const {
    const Location at = nat_->at;
    const auto chain = [&](const char* name, const char* hook,
                           const std::vector<Located<std::string>>& rules) {
      if (rules.empty()) return;
      out.lines.push_back({fmt::format("chain {} {{ type {};", name, hook), at});
      out.lines.insert(out.lines.end(), rules.begin(), rules.end());
      out.lines.push_back({"}", at});
    };
    out.lines.push_back({"table inet netyard {", at});
    out.lines.insert(out.lines.end(), sets_.begin(), sets_.end());
    // What the file sends somewhere is stronger than what was learned.
    Lines prerouting = prerouting_;
    prerouting.insert(prerouting.end(), cones_.begin(), cones_.end());
    chain("prerouting", "nat hook prerouting priority dstnat", prerouting);
    chain("postrouting", "nat hook postrouting priority srcnat", postrouting_);
    chain("learn", "filter hook postrouting priority srcnat + 1", learn_);
    out.lines.push_back({"}", at});
    for (const auto& title : titles_) out.title += (out.title.empty() ? "" : ", ") + title;
  }

 private:
  using Lines = std::vector<Located<std::string>>;

  void put(Lines& lines, std::string line) { lines.push_back({std::move(line), nat_->at}); }

  const Interface* find(const Located<std::string>& name) {
    std::vector<std::string> names;
    for (const auto& interface : node_.interfaces) {
      if (interface.name == name.value) return &interface;
      names.push_back(interface.name);
    }
    diagnostics_.error(name.at, fmt::format("{} has no interface '{}'", node_.name, name.value),
                       did_you_mean(name.value, names));
    return nullptr;
  }

  static std::vector<std::string> addresses(const Interface& interface, Family family) {
    std::vector<std::string> out;
    for (const auto& address : interface.addresses) {
      if (address.value.family() == family) out.push_back(address.value.address.to_string());
    }
    return out;
  }

  void masquerade() {
    const spec::Nat& nat = *nat_;
    if (find(*nat.masquerade) == nullptr) return;
    const std::string& name = nat.masquerade->value;
    const Family family = nat.from ? nat.from->value.family() : nat.family;
    const std::string from =
        nat.from ? fmt::format("{} saddr {} ", word(family), nat.from->value.to_string()) : "";
    const bool symmetric = nat.type == spec::NatType::symmetric;
    put(postrouting_, fmt::format("oifname \"{}\" meta nfproto {} {}masquerade{}", name,
                                  family == Family::ipv4 ? "ipv4" : "ipv6", from,
                                  symmetric ? " fully-random" : ""));
    const bool cone =
        nat.type == spec::NatType::full_cone || nat.type == spec::NatType::restricted_cone;
    if (cone && family == Family::ipv6) {
      diagnostics_.error(nat.at, fmt::format("a {} NAT is for IPv4", to_string(nat.type)));
    } else if (cone) {
      this->cone(name);
    }
    titles_.push_back(fmt::format("masquerade {}{}", name,
                                  nat.type == spec::NatType::port_restricted
                                      ? std::string()
                                      : fmt::format(" ({})", to_string(nat.type))));
  }

  // The kernel keeps a port for an inner port whatever the peer. What it does not do is let others
  // than the peers in: their way is learned from what went out, behind the translation.
  void cone(const std::string& name) {
    const bool restricted = nat_->type == spec::NatType::restricted_cone;
    const std::string size = fmt::format("size 65535; flags dynamic,timeout; timeout {};", kMemory);
    const std::string out = fmt::format(
        "oifname \"{}\" meta nfproto ipv4 meta l4proto {{ tcp, udp }} ct direction original ",
        name);
    put(sets_, fmt::format("map cone{} {{ type inet_proto . inet_service : ipv4_addr . "
                           "inet_service; {} }}",
                           number_, size));
    put(learn_, fmt::format("{}update @cone{} {{ meta l4proto . th sport : ct original ip saddr . "
                            "ct original proto-src }}",
                            out, number_));
    std::string known;
    if (restricted) {
      put(sets_, fmt::format("set peers{} {{ type inet_proto . ipv4_addr . inet_service; {} }}",
                             number_, size));
      put(learn_,
          fmt::format("{}update @peers{} {{ meta l4proto . ip daddr . th sport }}", out, number_));
      known = fmt::format("meta l4proto . ip saddr . th dport @peers{} ", number_);
    }
    put(cones_,
        fmt::format("iifname \"{}\" meta nfproto ipv4 meta l4proto {{ tcp, udp }} {}dnat ip to "
                    "meta l4proto . th dport map @cone{}",
                    name, known, number_));
  }

  // What is sent to the outer side: by its addresses when those inside may use them, too.
  std::optional<std::string> outer(Family family) {
    if (!nat_->interface) return std::string("fib daddr type local ");
    const Interface* interface = find(*nat_->interface);
    if (interface == nullptr) return {};
    if (!nat_->hairpin) return fmt::format("iifname \"{}\" ", interface->name);
    const auto own = addresses(*interface, family);
    if (!own.empty()) return fmt::format("{} daddr {{ {} }} ", word(family), fmt::join(own, ", "));
    diagnostics_.error(nat_->interface->at,
                       fmt::format("{} of {} has no {} address", interface->name, node_.name,
                                   netyard::to_string(family)));
    return {};
  }

  void hairpin(const std::string& match) {
    const IpAddress& inner = nat_->to->value;
    for (const auto& interface : node_.interfaces) {
      for (const auto& address : interface.addresses) {
        if (!address.value.contains(inner)) continue;
        put(postrouting_, fmt::format("{0} saddr {1} {0} daddr {2} {3}ct status dnat masquerade",
                                      word(inner.family), address.value.network().to_string(),
                                      inner.to_string(), match));
        return;
      }
    }
    diagnostics_.error(
        nat_->to->at, fmt::format("{} has no interface in a subnet with {}: it cannot be a hairpin",
                                  node_.name, inner.to_string()));
  }

  void forward() {
    const spec::Nat& nat = *nat_;
    const IpAddress& inner = nat.to->value;
    const spec::PortRange ports = nat.forward->value;
    const std::uint32_t first = nat.to_port != 0 ? nat.to_port : ports.first;
    const std::uint32_t last = first + ports.last - ports.first;
    if (last > UINT16_MAX) {
      diagnostics_.error(nat.to->at, fmt::format("the last port would be {}", last));
      return;
    }
    const auto way = outer(inner.family);
    if (!way) return;
    const bool six = inner.family == Family::ipv6;
    const auto protocols = nat.protocols.empty() ? std::vector<std::string>{"tcp"} : nat.protocols;
    for (const auto& protocol : protocols) {
      put(prerouting_,
          fmt::format("meta nfproto {} {}{} dport {} dnat {} to {}{}{}:{}", six ? "ipv6" : "ipv4",
                      *way, protocol, range(ports.first, ports.last), word(inner.family),
                      six ? "[" : "", inner.to_string(), six ? "]" : "", range(first, last)));
      if (nat.hairpin) hairpin(fmt::format("{} dport {} ", protocol, range(first, last)));
    }
    titles_.push_back(fmt::format("forward {} to {}:{}", range(ports.first, ports.last),
                                  inner.to_string(), range(first, last)));
  }

  void one_to_one() {
    const spec::Nat& nat = *nat_;
    const IpAddress& inner = nat.to->value;
    const IpAddress& outside = nat.one_to_one->value;
    if (inner.family != outside.family) {
      diagnostics_.error(nat.to->at, "the inner and the outer address are of different families");
      return;
    }
    if (nat.interface && find(*nat.interface) == nullptr) return;
    const std::string in =
        nat.interface && !nat.hairpin ? fmt::format("iifname \"{}\" ", nat.interface->value) : "";
    const std::string out =
        nat.interface ? fmt::format("oifname \"{}\" ", nat.interface->value) : "";
    put(prerouting_, fmt::format("{0}{1} daddr {2} dnat {1} to {3}", in, word(inner.family),
                                 outside.to_string(), inner.to_string()));
    put(postrouting_, fmt::format("{0}{1} saddr {2} snat {1} to {3}", out, word(inner.family),
                                  inner.to_string(), outside.to_string()));
    if (nat.hairpin) hairpin("");
    titles_.push_back(fmt::format("{} stands for {}", outside.to_string(), inner.to_string()));
  }

  void cgnat() {
    const spec::Nat& nat = *nat_;
    const Interface* interface = find(*nat.cgnat);
    if (interface == nullptr) return;
    std::vector<std::string> shared;
    for (const auto& address : nat.addresses) shared.push_back(address.value.to_string());
    if (shared.empty()) shared = addresses(*interface, Family::ipv4);
    if (shared.empty()) {
      diagnostics_.error(nat.cgnat->at,
                         fmt::format("{} has no IPv4 address to share", interface->name),
                         "name some with 'addresses'");
      return;
    }
    const IpPrefix& prefix = nat.subscribers->value;
    if (prefix.family() == Family::ipv6 || prefix.length < 20) {
      diagnostics_.error(
          nat.subscribers->at,
          fmt::format("subscribers are at most {} IPv4 addresses", kMostSubscribers));
      return;
    }
    const std::uint32_t blocks = (nat.ports.last - nat.ports.first + 1U) / nat.block;
    const std::uint64_t count = std::uint64_t{1} << (32 - prefix.length);
    if (count > blocks * shared.size()) {
      diagnostics_.error(
          nat.at,
          fmt::format("{} subscribers with {} ports each need more than {} address{} with "
                      "{} such blocks",
                      count, nat.block, shared.size(), shared.size() == 1 ? "" : "es", blocks),
          "give more addresses, or a smaller block");
      return;
    }
    std::vector<std::string> with_ports, without;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::string subscriber = prefix.address.plus(i).to_string();
      const std::string& outside = shared[i / blocks];
      const auto first = static_cast<std::uint32_t>(nat.ports.first + i % blocks * nat.block);
      with_ports.push_back(
          fmt::format("{} : {} . {}", subscriber, outside, range(first, first + nat.block - 1)));
      without.push_back(fmt::format("{} : {}", subscriber, outside));
    }
    const std::string out =
        fmt::format("oifname \"{}\" ip saddr {} ", interface->name, prefix.to_string());
    put(postrouting_, fmt::format("{}meta l4proto {{ tcp, udp }} snat ip to ip saddr map {{ {} }}",
                                  out, fmt::join(with_ports, ", ")));
    put(postrouting_, fmt::format("{}meta l4proto icmp snat ip to ip saddr map {{ {} }}", out,
                                  fmt::join(without, ", ")));
    titles_.push_back(fmt::format("cgnat {} for {}", interface->name, prefix.to_string()));
  }

  const Node& node_;
  Diagnostics& diagnostics_;
  const spec::Nat* nat_ = nullptr;
  int number_ = 0;
  Lines sets_, prerouting_, cones_, postrouting_, learn_;
  std::vector<std::string> titles_;
};

}  // namespace

void add_nat_table(const Node& node, std::span<const spec::Nat> nats, Ruleset& ruleset,
                   Diagnostics& diagnostics) {
  if (nats.empty()) return;
  NatWriter writer(node, diagnostics);
  for (const auto& nat : nats) writer.add(nat);
  writer.write(ruleset);
}

}  // namespace netyard
