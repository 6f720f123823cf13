// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/units.h"
#include "topology/run_reader.h"

namespace netyard::spec {
namespace {

constexpr std::uint32_t kMostProcesses = 4'194'304;  // PID_MAX_LIMIT in include/linux/threads.h

template <std::optional<std::uint64_t> Limits::Io::*Member>
void read_rate(Reader& reader, const Tree& value, Limits::Io& out) {
  out.*Member = reader.size(value, 1);
}

constexpr Key<Limits::Io> kIo[] = {
    {"read", "size", "bytes a second", read_rate<&Limits::Io::read>},
    {"write", "size", "bytes a second", read_rate<&Limits::Io::write>},
};

void read_cpu(Reader& reader, const Tree& value, Limits& limits) {
  const auto word = reader.text(value, "a number of processors");
  if (!word) return;
  limits.cpu = parse_thousandths(word->value);
  if (limits.cpu) return;
  reader.error(value.at, fmt::format("expected a number of processors, found '{}'", word->value),
               "as in 0.5, 2 or 50%");
}

void read_io(Reader& reader, const Tree& value, Limits& limits) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping by device")) return;
  for (const auto& entry : value.entries) {
    Limits::Io io;
    io.device = reader.expand(entry.key->text, entry.key->at);
    if (!io.device.starts_with('/')) {
      reader.error(entry.key->at, fmt::format("'{}' is no device", io.device), "as in /dev/vda");
    }
    if (!reader.expect(*entry.value, Tree::Kind::mapping, "a mapping")) continue;
    const std::size_t before = reader.errors();
    read_mapping<Limits::Io>(reader, *entry.value, kIo, io);
    if (!io.read && !io.write && reader.errors() == before) {
      reader.error(entry.value->at, "there is neither 'read' nor 'write'");
    }
    limits.io.push_back(std::move(io));
  }
}

constexpr Key<Limits> kLimits[] = {
    {"memory", "size", "bytes",
     [](Reader& reader, const Tree& value, Limits& out) { out.memory = reader.size(value); }},
    {"swap", "size", "bytes on top of memory; none when not given",
     [](Reader& reader, const Tree& value, Limits& out) { out.swap = reader.size(value); }},
    {"cpu", "string", "processors: 0.5, 2, 50%", read_cpu},
    {"cpu_weight", "number", "1 to 10000, share of a busy machine; 100 is the usual one",
     [](Reader& reader, const Tree& value, Limits& out) {
       if (const auto weight = reader.number(value, 1, 10000)) out.cpu_weight = weight->value;
     }},
    {"cpus", "string", "processors it may run on: \"0-1,3\"",
     [](Reader& reader, const Tree& value, Limits& out) {
       if (auto list = reader.word(value, "a list of processors")) out.cpus = list->value;
     }},
    {"pids", "number", "processes and threads",
     [](Reader& reader, const Tree& value, Limits& out) {
       if (const auto count = reader.number(value, 1, kMostProcesses)) out.pids = count->value;
     }},
    {"io", "ioLimits", "by block device", read_io},
};

}  // namespace

std::span<const Key<Limits>> limits_keys() {
  return kLimits;
}
std::span<const Key<Limits::Io>> io_keys() {
  return kIo;
}

void read_limits(Reader& reader, const Tree& value, Run& run) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of limits")) return;
  note_entries(run, "limits", value);
  read_mapping<Limits>(reader, value, kLimits, run.service.workload.limits);
  const Tree* io = value.find("io");
  if (io != nullptr) note_entries(run, "limits", *io);
}

void read_rlimits(Reader& reader, const Tree& value, Run& run) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of limits")) return;
  note_entries(run, "rlimits", value);
  for (const auto& entry : value.entries) {
    const std::string& name = entry.key->text;
    if (rlimit_number(name) < 0) {
      reader.error(entry.key->at, fmt::format("there is no resource limit '{}'", name),
                   did_you_mean(name, rlimit_names()));
      continue;
    }
    const auto word = reader.text(*entry.value, "a limit");
    if (!word) continue;
    std::string problem;
    if (const auto limit = parse_rlimit(name + "=" + word->value, problem)) {
      run.service.workload.rlimits.push_back(*limit);
    } else {
      reader.error(entry.value->at, fmt::format("expected a limit, found '{}'", word->value),
                   "a number or unlimited, or SOFT:HARD");
    }
  }
}

}  // namespace netyard::spec
