// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/units.h"
#include "topology/run_reader.h"

namespace netyard::spec {
namespace {

// What the kernel takes on top of a clock: timens_set_offset() in kernel/time/namespace.c.
constexpr std::int64_t kMostSeconds = 4'611'686'018;

void add_mount(const char* key, const Location& at, Mount mount, Run& run) {
  run.places.note(key, mount.target, at);
  run.places.note(key, mount.source, at);
  run.service.workload.mounts.push_back(std::move(mount));
}

void read_ids(Reader& reader, const Tree& value, std::vector<IdRange>& out) {
  std::vector<IdRange> ranges;
  for (const auto& word : reader.words(value, "a range of ids")) {
    std::string problem;
    const auto range = parse_id_range(word.value, problem);
    if (range) ranges.push_back(*range);
    if (!range) reader.error(word.at, problem);
  }
  out = std::move(ranges);
}

template <std::optional<std::int64_t> Workload::*Member>
void read_offset(Reader& reader, const Tree& value, Workload& out) {
  out.*Member = reader.integer(value, -kMostSeconds, kMostSeconds);
}

constexpr Key<Workload> kTime[] = {
    {"boottime", "number", "seconds that CLOCK_BOOTTIME is ahead",
     read_offset<&Workload::boottime_offset>},
    {"monotonic", "number", "seconds that CLOCK_MONOTONIC is ahead",
     read_offset<&Workload::monotonic_offset>},
};

}  // namespace

std::span<const Key<Workload>> time_keys() {
  return kTime;
}

void read_rootfs(Reader& reader, const Tree& value, Run& run) {
  const auto path = reader.word(value, "a directory or an image");
  if (path) run.service.workload.rootfs = reader.host_path(path->value, value.at);
}

void read_binds(Reader& reader, const Tree& value, Run& run) {
  for (const auto& word : reader.words(value, "a bind")) {
    std::string problem;
    auto mount = parse_bind(word.value, problem);
    if (!mount) {
      reader.error(word.at, problem);
      continue;
    }
    mount->source = reader.host_path(mount->source, word.at);
    add_mount("binds", word.at, std::move(*mount), run);
  }
}

void read_devices(Reader& reader, const Tree& value, Run& run) {
  for (const auto& word : reader.words(value, "a device")) {
    std::string problem;
    auto mount = parse_bind(word.value, problem);
    if (!mount || word.value.ends_with(":ro") || word.value.ends_with(":rw")) {
      reader.error(word.at,
                   fmt::format("'{}' is no device: expected PATH or SOURCE:TARGET", word.value));
      continue;
    }
    mount->kind = Mount::Kind::device;
    mount->source = reader.host_path(mount->source, word.at);
    add_mount("devices", word.at, std::move(*mount), run);
  }
}

void read_tmpfs(Reader& reader, const Tree& value, Run& run) {
  for (const auto& word : reader.words(value, "a path")) {
    const std::size_t colon = word.value.find(':');
    Mount mount;
    mount.kind = Mount::Kind::tmpfs;
    mount.target = word.value.substr(0, colon);
    if (colon != std::string::npos) {
      mount.size = parse_size(word.value.substr(colon + 1));
      if (mount.target.empty() || mount.size.value_or(0) == 0) {
        reader.error(word.at,
                     fmt::format("'{}' is no tmpfs: expected PATH or PATH:SIZE", word.value),
                     "as in /tmp:16M");
        continue;
      }
    }
    add_mount("tmpfs", word.at, std::move(mount), run);
  }
}

void read_uid_map(Reader& reader, const Tree& value, Run& run) {
  read_ids(reader, value, run.service.workload.uid_map);
}

void read_gid_map(Reader& reader, const Tree& value, Run& run) {
  read_ids(reader, value, run.service.workload.gid_map);
  run.places.note("uid_map", "", value.at);  // where it is told that the other one is not there
}

void read_share(Reader& reader, const Tree& value, Run& run) {
  for (auto& word : reader.words(value, "a kind of namespace")) {
    run.places.note("share", word.value, word.at);
    run.service.workload.share.push_back(std::move(word.value));
  }
}

void read_time(Reader& reader, const Tree& value, Run& run) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of clocks")) return;
  read_mapping<Workload>(reader, value, kTime, run.service.workload);
}

}  // namespace netyard::spec
