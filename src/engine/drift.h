// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/record.h"
#include "netlink/link.h"
#include "netlink/observe_qdisc.h"

namespace netyard {

/// Something of an interface that is not as the file has it.
struct Difference {
  std::string what;  // "delay", "state", "qdisc"
  std::string file;  // "20ms"; "none"
  std::string now;
  friend bool operator==(const Difference&, const Difference&) = default;
};

/// The qdiscs and classes of a namespace, looked at once.
class TrafficView {
 public:
  TrafficView() = default;
  explicit TrafficView(Socket& socket);

  /// The root of a link that somebody made; nullptr when it has but the kernel's default.
  const QdiscState* root(std::uint32_t ifindex) const;
  /// All of a link, the root first.
  std::vector<const QdiscState*> all(std::uint32_t ifindex) const;

  /// Forgets what a link has: it goes.
  void forget(std::uint32_t ifindex);

 private:
  std::vector<QdiscState> states_;
};

/// The impairments that a link has now, as words; nullopt when its qdisc is none that words make.
std::optional<Settings> words_now(const RecordedInterface& recorded, const LinkState& link,
                                  const TrafficView& traffic);

/// What differs of one interface: its state and its traffic.
std::vector<Difference> find_differences(const RecordedInterface& recorded, const LinkState& link,
                                         const TrafficView& traffic);

}  // namespace netyard
