// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/location.h"
#include "netlink/filter.h"
#include "netlink/offload.h"
#include "netlink/qdisc.h"
#include "topology/setting.h"

namespace netyard {

struct Preset;

namespace spec {

/// `preset:`, and which end is the subscriber's, or which way is meant.
struct PresetUse {
  const Preset* preset = nullptr;
  std::string subscriber;  // of a link: "NODE" or "NODE:IF"; "": its first end
  std::optional<bool> up;  // of one end: from the subscriber
  Location at;
};

struct QdiscUse;

/// A class of `qdisc: {classes:}`; numbers are minors of class ids.
struct ClassUse {
  std::uint32_t number = 0;
  std::uint32_t parent = 0;  // 0: the qdisc itself
  std::vector<Setting> settings;
  std::vector<QdiscUse> leaf;  // at most one
  std::vector<Located<TrafficFilter>> matches;
  Location at;
};

/// `qdisc:`, in the kernel's words.
struct QdiscUse {
  const QdiscKind* kind = nullptr;
  std::vector<Setting> settings;
  std::vector<ClassUse> classes;
  Location at;
};

/// What a file says of the packets that an end sends.
struct Traffic {
  std::vector<Setting> words;  // impairments; a value of 0 or "" takes one back
  std::optional<PresetUse> preset;
  std::optional<QdiscUse> qdisc;
  std::vector<Located<OffloadSetting>> offloads;
  std::optional<Located<std::uint32_t>> gso_max_segs;
  std::optional<Located<std::uint32_t>> gso_max_size;
};

/// What a link or a network says: for all its ends, and for one.
struct SharedTraffic {
  struct From {
    std::string node;
    std::string interface;  // "": the only end of the node
    Traffic traffic;
    Location at;
  };
  Traffic all;
  std::vector<From> from;
};

}  // namespace spec

/// One thing to be made for an interface's traffic, in this order.
struct ShapingStep {
  std::variant<Qdisc, TrafficFilter> object;
  Location at;
};

/// What is made of it for one interface.
struct Shaping {
  Settings words;  // impairments, presets included
  std::vector<ShapingStep> steps;
  std::vector<Located<OffloadSetting>> offloads;
  std::optional<std::uint32_t> gso_max_segs;
  std::optional<std::uint32_t> gso_max_size;
};

}  // namespace netyard
