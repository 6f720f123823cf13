// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/run_reader.h"

namespace netyard::spec {
namespace {

constexpr std::uint64_t kLeastLog = 4096;
// As RestartPolicy::When has them; YAML 1.1 takes a plain `no` for false.
constexpr const char* kPolicies[] = {"no", "on-failure", "always"};

void read_policy(Reader& reader, const Tree& value, RestartPolicy& out) {
  if (value.is_scalar() && value.text == "false") return;
  if (const auto index = reader.choice(value, "a restart policy", kPolicies)) {
    out.when = static_cast<RestartPolicy::When>(*index);
  }
}

constexpr Key<RestartPolicy> kRestart[] = {
    {"policy", "restartPolicy", "no, on-failure or always", read_policy},
    {"delay", "duration", "before the first restart; doubles with each",
     [](Reader& reader, const Tree& value, RestartPolicy& out) {
       if (const auto time = reader.duration(value)) out.delay = *time;
     }},
    {"max_delay", "duration", "the delay grows up to this",
     [](Reader& reader, const Tree& value, RestartPolicy& out) {
       if (const auto time = reader.duration(value)) out.most_delay = *time;
     }},
    {"tries", "number", "restarts in a row, each having run for less than max_delay; 0: any number",
     [](Reader& reader, const Tree& value, RestartPolicy& out) {
       if (const auto count = reader.number(value, 0, 1'000'000)) out.tries = count->value;
     }},
};

constexpr Key<LogPolicy> kLog[] = {
    {"size", "size", "bytes of a file, which is then rotated",
     [](Reader& reader, const Tree& value, LogPolicy& out) {
       if (const auto size = reader.size(value, kLeastLog)) out.size = *size;
     }},
    {"files", "number", "files that are kept, the current one included",
     [](Reader& reader, const Tree& value, LogPolicy& out) {
       if (const auto count = reader.number(value, 1, 1000)) out.files = count->value;
     }},
};

}  // namespace

std::span<const Key<RestartPolicy>> restart_keys() {
  return kRestart;
}
std::span<const Key<LogPolicy>> log_keys() {
  return kLog;
}

void read_restart(Reader& reader, const Tree& value, Run& run) {
  RestartPolicy& out = run.service.restart;
  if (!value.is_mapping()) {
    read_policy(reader, value, out);
    return;
  }
  const std::size_t before = reader.errors();
  read_mapping<RestartPolicy>(reader, value, kRestart, out);
  if (reader.errors() != before) return;
  if (value.find("policy") == nullptr) {
    reader.error(value.at, "'restart' has no 'policy'", "one of no, on-failure, always");
  }
  // A long first delay needs no second number.
  if (value.find("max_delay") == nullptr) {
    out.most_delay = std::max(out.most_delay, out.delay);
  } else if (out.most_delay < out.delay) {
    reader.error(value.find("max_delay")->at, "'max_delay' is less than 'delay'");
  }
}

void read_stop_signal(Reader& reader, const Tree& value, Run& run) {
  const auto word = reader.word(value, "a signal");
  if (!word) return;
  run.service.stop_signal = signal_number(word->value);
  if (run.service.stop_signal != 0) return;
  static constexpr int kSignals = 31;  // those with names; signal(7)
  std::vector<std::string> known;
  for (int number = 1; number <= kSignals; ++number) {
    known.push_back(signal_name(number));
    known.push_back(known.back().substr(3));  // without SIG
  }
  reader.error(value.at, fmt::format("there is no signal '{}'", word->value),
               did_you_mean(word->value, known));
}

void read_log(Reader& reader, const Tree& value, Run& run) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping")) return;
  read_mapping<LogPolicy>(reader, value, kLog, run.service.log);
}

}  // namespace netyard::spec
