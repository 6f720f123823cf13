// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/units.h"
#include "topology/layer3_reader.h"

namespace netyard::spec {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr std::uint32_t kHeaviestHop = 255;  // more only since Linux 6.12
constexpr Milliseconds kTick{10};            // the kernel counts hundredths of a second

std::optional<Milliseconds> read_timer(Reader& reader, const Tree& value) {
  auto time = reader.duration(value);
  if (time && *time % kTick != Milliseconds::zero()) {
    reader.error(value.at, "the kernel counts hundredths of a second",
                 fmt::format("write {} or {}", format_duration(*time / kTick * kTick),
                             format_duration((*time / kTick + 1) * kTick)));
  }
  return time;
}

constexpr Key<Resilience> kResilienceKeys[] = {
    {"buckets", "number", "how finely flows are shared; the kernel's when not given",
     [](Reader& reader, const Tree& value, Resilience& out) {
       if (const auto count = reader.number(value, 1, 65535)) {
         out.buckets = static_cast<std::uint16_t>(count->value);
       }
     }},
    {"idle_timer", "duration", "a bucket without packets for so long may move",
     [](Reader& reader, const Tree& value, Resilience& out) {
       out.idle_timer = read_timer(reader, value);
     }},
    {"unbalanced_timer", "duration", "out of balance for so long, buckets move; 0: never",
     [](Reader& reader, const Tree& value, Resilience& out) {
       out.unbalanced_timer = read_timer(reader, value);
     }},
};

void read_resilience(Reader& reader, const Tree& value, NextHop& nexthop) {
  Resilience out;
  if (value.is_mapping()) {
    read_mapping<Resilience>(reader, value, kResilienceKeys, out);
  } else if (!reader.boolean(value).value_or(false)) {
    return;
  }
  nexthop.resilience = {out, value.at};
}

void add_member(Reader& reader, const Tree& id, const Tree* weight, NextHop& nexthop) {
  const auto number = reader.number(id, 1, UINT32_MAX);
  const auto share = weight != nullptr ? reader.number(*weight, 1, kHeaviestHop) : std::nullopt;
  if (!number) return;
  const bool twice = std::any_of(nexthop.group.begin(), nexthop.group.end(),
                                 [&](const auto& m) { return m.id.value == number->value; });
  if (twice) reader.error(id.at, fmt::format("{} is in the group twice", number->value));
  nexthop.group.push_back(
      {*number, static_cast<std::uint16_t>(share ? share->value : std::uint32_t{1})});
}

void read_group(Reader& reader, const Tree& value, NextHop& nexthop) {
  nexthop.group_at = value.at;
  if (value.is_mapping()) {
    for (const auto& entry : value.entries) {
      add_member(reader, *entry.key, entry.value.get(), nexthop);
    }
  } else if (reader.expect(value, Tree::Kind::sequence, "a list of ids, or ids with weights")) {
    for (const auto& item : value.items) add_member(reader, *item, nullptr, nexthop);
  }
  if (value.items.empty() && value.entries.empty()) reader.error(value.at, "the group is empty");
}

void read_family(Reader& reader, const Tree& value, NextHop& nexthop) {
  static constexpr const char* kWords[] = {"ipv4", "ipv6"};
  const auto which = reader.choice(value, "a family", kWords);
  if (which) nexthop.family = {*which == 0 ? Family::ipv4 : Family::ipv6, value.at};
}

constexpr Key<NextHop> kNexthopKeys[] = {
    {"blackhole", "boolean", "drops what comes",
     [](Reader& reader, const Tree& value, NextHop& out) {
       out.blackhole = reader.boolean(value).value_or(false);
     }},
    {"family", "family", "without a gateway: ipv4 or ipv6", read_family},
    {"group", "group", "other nexthops, with weights from 1 to 255: {1: 3, 2: 1}", read_group},
    {"resilient", "resilient", "flows stay where they are when the group changes", read_resilience},
};

bool read_other(Reader& reader, const std::string& key, const Tree& value, NextHop& nexthop) {
  return key != "weight" && read_hop_key(reader, key, value, nexthop.hop);
}

void read_nexthop(Reader& reader, const Tree& key, const Tree& value, Node& node) {
  const auto id = reader.number(key, 1, UINT32_MAX);
  if (!id || !reader.expect(value, Tree::Kind::mapping, "a mapping")) return;
  NextHop nexthop;
  nexthop.id = *id;
  nexthop.at = nexthop.hop.at = key.at;
  const std::size_t mistakes = reader.errors();
  read_mapping<NextHop>(reader, value, kNexthopKeys, nexthop, read_other, hop_key_names());
  if (reader.errors() == mistakes) node.nexthops.push_back(std::move(nexthop));
}

}  // namespace

std::span<const Key<NextHop>> nexthop_keys() {
  return kNexthopKeys;
}
std::span<const Key<Resilience>> resilience_keys() {
  return kResilienceKeys;
}

void read_nexthops(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of nexthops by id"))
    return;
  for (const auto& entry : value.entries) read_nexthop(reader, *entry.key, *entry.value, node);
}

}  // namespace netyard::spec
