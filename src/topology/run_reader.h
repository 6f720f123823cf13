// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/reader.h"

/// The tables and readers of what stands in a workload of `run:`; each group is defined in the file
/// named above it.
namespace netyard::spec {

/// The keys of a mapping, each noted as a word of `key`.
inline void note_entries(Run& run, const char* key, const Tree& mapping) {
  for (const auto& entry : mapping.entries) {
    run.places.note(key, entry.key->text, entry.value->at);
  }
}

// load_run.cc
std::span<const Key<Run>> workload_keys();
/// False for a key that cannot stand in `defaults.workload`.
bool may_be_default(const std::string& key);

// load_confinement.cc
std::span<const Key<Run>> seccomp_keys();
std::span<const Key<LandlockPolicy>> landlock_keys();
void read_capabilities(Reader& reader, const Tree& value, Run& run);
void read_seccomp(Reader& reader, const Tree& value, Run& run);
void read_landlock(Reader& reader, const Tree& value, Run& run);

// load_limits.cc
std::span<const Key<Limits>> limits_keys();
std::span<const Key<Limits::Io>> io_keys();
void read_limits(Reader& reader, const Tree& value, Run& run);
void read_rlimits(Reader& reader, const Tree& value, Run& run);

// load_mounts.cc
std::span<const Key<Workload>> time_keys();
void read_rootfs(Reader& reader, const Tree& value, Run& run);
void read_binds(Reader& reader, const Tree& value, Run& run);
void read_tmpfs(Reader& reader, const Tree& value, Run& run);
void read_devices(Reader& reader, const Tree& value, Run& run);
void read_uid_map(Reader& reader, const Tree& value, Run& run);
void read_gid_map(Reader& reader, const Tree& value, Run& run);
void read_share(Reader& reader, const Tree& value, Run& run);
void read_time(Reader& reader, const Tree& value, Run& run);

// load_lifecycle.cc
std::span<const Key<RestartPolicy>> restart_keys();
std::span<const Key<LogPolicy>> log_keys();
void read_restart(Reader& reader, const Tree& value, Run& run);
void read_stop_signal(Reader& reader, const Tree& value, Run& run);
void read_log(Reader& reader, const Tree& value, Run& run);

// load_probe.cc
std::span<const Key<Probe>> probe_keys();
std::span<const Key<Readiness>> ready_keys();
std::span<const Key<Healthcheck>> healthcheck_keys();
/// True for a probe that can be repeated.
bool fits_healthcheck(const Key<Probe>& probe);
void read_ready(Reader& reader, const Tree& value, Run& run);
void read_healthcheck(Reader& reader, const Tree& value, Run& run);

}  // namespace netyard::spec
