// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/run_reader.h"

namespace netyard::spec {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLongestSocketPath = 107;  // sun_path in unix(7), with its last NUL
constexpr milliseconds kLeast{1};

void read_port(Reader& reader, const Tree& value, Probe::Kind kind, Probe& probe) {
  const auto port = reader.number(value, 1, 65535);
  if (!port) return;
  probe.kind = kind;
  probe.port = static_cast<std::uint16_t>(port->value);
}

void read_unix(Reader& reader, const Tree& value, Probe& probe) {
  const auto path = reader.word(value, "a path or @NAME");
  if (!path) return;
  const std::string& said = path->value;
  if ((said.front() != '/' && said.front() != '@') || said.size() < 2) {
    reader.error(value.at,
                 fmt::format("'{}' is no socket: expected an absolute path or @NAME", said));
  } else if (said.size() > kLongestSocketPath) {
    reader.error(value.at,
                 fmt::format("the name of the socket has {} bytes, at most {} are allowed",
                             said.size(), kLongestSocketPath));
  }
  probe.kind = Probe::Kind::unix_;
  probe.path = said;
}

void read_file(Reader& reader, const Tree& value, Probe& probe) {
  probe.kind = Probe::Kind::file;
  if (auto path = reader.absolute_path(value)) probe.path = std::move(path->value);
}

void read_exec(Reader& reader, const Tree& value, Probe& probe) {
  probe.kind = Probe::Kind::exec;
  if (auto argv = reader.command(value)) probe.argv = std::move(*argv);
}

void read_log_line(Reader& reader, const Tree& value, Probe& probe) {
  probe.kind = Probe::Kind::log;
  if (auto text = reader.word(value, "a text")) probe.text = std::move(text->value);
}

constexpr Key<Probe> kProbes[] = {
    {"tcp", "port", "listens on the TCP port",
     [](Reader& reader, const Tree& value, Probe& out) {
       read_port(reader, value, Probe::Kind::tcp, out);
     }},
    {"udp", "port", "is bound to the UDP port",
     [](Reader& reader, const Tree& value, Probe& out) {
       read_port(reader, value, Probe::Kind::udp, out);
     }},
    {"unix", "string", "listens at the path, or at @NAME", read_unix},
    {"exec", "command", "the command, run beside it, comes to 0", read_exec},
    {"file", "string", "the path is there", read_file},
    {"log", "string", "a line of its output contains the text", read_log_line},
};

template <milliseconds Readiness::*Member>
void ready_time(Reader& reader, const Tree& value, Readiness& out) {
  if (const auto time = reader.duration(value, kLeast)) out.*Member = *time;
}

template <milliseconds Healthcheck::*Member, int Least>
void health_time(Reader& reader, const Tree& value, Healthcheck& out) {
  if (const auto time = reader.duration(value, milliseconds(Least))) out.*Member = *time;
}

constexpr Key<Readiness> kReady[] = {
    {"timeout", "duration", "how long it may take", ready_time<&Readiness::timeout>},
};

constexpr Key<Healthcheck> kHealthcheck[] = {
    {"interval", "duration", "from one probe to the next", health_time<&Healthcheck::interval, 1>},
    {"timeout", "duration", "how long a probe may take", health_time<&Healthcheck::timeout, 1>},
    {"retries", "number", "so many failures in a row end the workload",
     [](Reader& reader, const Tree& value, Healthcheck& out) {
       if (const auto count = reader.number(value, 1, 1000)) out.retries = count->value;
     }},
    {"start_period", "duration", "failures in this time do not count",
     health_time<&Healthcheck::start_period, 0>},
};

const Key<Probe>* find_probe(const std::string& key) {
  const auto* found = std::find_if(std::begin(kProbes), std::end(kProbes),
                                   [&](const Key<Probe>& probe) { return key == probe.name; });
  return found != std::end(kProbes) ? found : nullptr;
}

// One and only one of the keys is a probe.
bool check_one_probe(Reader& reader, const char* what, const Tree& value, const char* choices) {
  const Tree::Entry* first = nullptr;
  for (const auto& entry : value.entries) {
    if (find_probe(entry.key->text) == nullptr) continue;
    if (first != nullptr) {
      reader.error(
          entry.key->at,
          fmt::format("'{}' is a second probe, beside '{}'", entry.key->text, first->key->text),
          fmt::format("'{}' has one", what));
      return false;
    }
    first = &entry;
  }
  if (first != nullptr) return true;
  reader.error(value.at, fmt::format("'{}' has no probe", what), choices);
  return false;
}

template <class T>
bool read_probe(Reader& reader, const std::string& key, const Tree& value, T& out) {
  const Key<Probe>* probe = find_probe(key);
  if (probe != nullptr) probe->read(reader, value, out.probe);
  return probe != nullptr;
}

std::vector<std::string> probe_names() {
  std::vector<std::string> out;
  for (const auto& probe : kProbes) out.emplace_back(probe.name);
  return out;
}

}  // namespace

std::span<const Key<Probe>> probe_keys() {
  return kProbes;
}
std::span<const Key<Readiness>> ready_keys() {
  return kReady;
}
std::span<const Key<Healthcheck>> healthcheck_keys() {
  return kHealthcheck;
}

bool fits_healthcheck(const Key<Probe>& probe) {
  return std::string_view(probe.name) != "log";
}

void read_ready(Reader& reader, const Tree& value, Run& run) {
  if (!reader.expect(value, Tree::Kind::mapping, "a mapping with a probe, as in {tcp: 80}")) return;
  Readiness ready;
  read_mapping<Readiness>(reader, value, kReady, ready, read_probe<Readiness>, probe_names());
  check_one_probe(reader, "ready", value, "one of tcp, udp, unix, exec, file, log");
  run.service.ready = std::move(ready);
}

void read_healthcheck(Reader& reader, const Tree& value, Run& run) {
  if (!reader.expect(value, Tree::Kind::mapping, "a mapping with a probe, as in {tcp: 80}")) return;
  Healthcheck health;
  read_mapping<Healthcheck>(reader, value, kHealthcheck, health, read_probe<Healthcheck>,
                            probe_names());
  const char* choices = "one of tcp, udp, unix, exec, file";
  if (check_one_probe(reader, "healthcheck", value, choices) && value.find("log") != nullptr) {
    reader.error(value.find("log")->at, "a healthcheck has no log probe: a line is said but once",
                 choices);
  }
  run.service.health = std::move(health);
}

}  // namespace netyard::spec
