// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "topology/run_reader.h"

namespace netyard::spec {
namespace {

using Base = SeccompPolicy::Base;

// As SeccompPolicy::Action has them.
constexpr const char* kActions[] = {"errno", "kill", "log", "trap"};

void read_profile(Reader& reader, const Tree& value, Run& run) {
  SeccompPolicy& out = run.service.workload.seccomp;
  const auto word = reader.word(value, "a seccomp profile");
  if (!word) return;
  const std::string& said = word->value;
  if (said == "default" || said == "unconfined") {
    out.base = said == "default" ? Base::standard : Base::unconfined;
  } else if (said.find('/') != std::string::npos || said.ends_with(".json")) {
    out.base = Base::file;
    out.file = reader.host_path(said, value.at);
    run.places.note("seccomp", out.file, value.at);
  } else {
    const std::string hint = did_you_mean(said, {"default", "unconfined"});
    reader.error(
        value.at, fmt::format("there is no seccomp profile '{}'", said),
        hint.empty() ? "default, unconfined, or a file: with '/' or ending in .json" : hint);
  }
}

std::vector<std::string> system_calls(Reader& reader, const Tree& value, Run& run) {
  std::vector<std::string> out;
  for (auto& call : reader.words(value, "a system call")) {
    run.places.note("seccomp", call.value, call.at);
    out.push_back(std::move(call.value));
  }
  return out;
}

void read_only(Reader& reader, const Tree& value, Run& run) {
  SeccompPolicy& out = run.service.workload.seccomp;
  out.base = Base::none;
  const std::size_t before = reader.errors();
  out.allow = system_calls(reader, value, run);
  if (out.allow.empty() && reader.errors() == before) {
    reader.error(value.at, "'only' names no system call", "a program needs some to begin at all");
  }
}

void read_action(Reader& reader, const Tree& value, Run& run) {
  if (const auto index = reader.choice(value, "an action for refused calls", kActions)) {
    run.service.workload.seccomp.action = static_cast<SeccompPolicy::Action>(*index);
  }
}

constexpr Key<Run> kSeccomp[] = {
    {"profile", "seccompProfile",
     "what the rest is added to: default, unconfined, or an OCI profile", read_profile},
    {"allow", "texts", "system calls allowed on top of the profile",
     [](Reader& reader, const Tree& value, Run& run) {
       run.service.workload.seccomp.allow = system_calls(reader, value, run);
     }},
    {"deny", "texts", "system calls taken away; stronger than allow",
     [](Reader& reader, const Tree& value, Run& run) {
       run.service.workload.seccomp.deny = system_calls(reader, value, run);
     }},
    {"only", "texts", "these system calls and no others; instead of profile and allow", read_only},
    {"action", "seccompAction", "what becomes of a refused call: errno, kill, log or trap",
     read_action},
    {"report", "boolean", "refused calls are told by name",
     [](Reader& reader, const Tree& value, Run& run) {
       if (const auto on = reader.boolean(value)) run.service.workload.seccomp.report = *on;
     }},
};

void check_only(Reader& reader, const Tree& value) {
  if (value.find("only") == nullptr) return;
  for (const char* other : {"profile", "allow"}) {
    const Tree* said = value.find(other);
    if (said == nullptr) continue;
    reader.error(said->at, fmt::format("'only' and '{}' contradict each other", other),
                 "'only' begins with nothing allowed");
  }
}

template <std::vector<std::string> LandlockPolicy::*Member>
void read_paths(Reader& reader, const Tree& value, LandlockPolicy& out) {
  std::vector<std::string> paths;
  for (auto& path : reader.words(value, "a path")) {
    if (path.value.front() != '/') {
      reader.error(path.at, fmt::format("'{}' is not absolute", path.value));
    }
    paths.push_back(std::move(path.value));
  }
  out.*Member = std::move(paths);
}

constexpr Key<LandlockPolicy> kLandlock[] = {
    {"read", "texts", "paths inside it may read and execute below",
     read_paths<&LandlockPolicy::read>},
    {"write", "texts", "paths inside it may read and write below",
     read_paths<&LandlockPolicy::write>},
};

}  // namespace

std::span<const Key<Run>> seccomp_keys() {
  return kSeccomp;
}
std::span<const Key<LandlockPolicy>> landlock_keys() {
  return kLandlock;
}

void read_capabilities(Reader& reader, const Tree& value, Run& run) {
  for (auto& name : reader.words(value, "a capability")) {
    run.places.note("capabilities", name.value, name.at);
    run.service.workload.capabilities.push_back(std::move(name.value));
  }
}

void read_seccomp(Reader& reader, const Tree& value, Run& run) {
  if (!value.is_mapping()) {
    read_profile(reader, value, run);
    return;
  }
  read_mapping<Run>(reader, value, kSeccomp, run);
  check_only(reader, value);
}

void read_landlock(Reader& reader, const Tree& value, Run& run) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping")) return;
  read_mapping<LandlockPolicy>(reader, value, kLandlock, run.service.workload.landlock.emplace());
}

}  // namespace netyard::spec
