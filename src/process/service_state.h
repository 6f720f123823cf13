// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "process/service.h"

namespace netyard {

/// How far a service has come.
enum class ServicePhase {
  waiting,   // for those it comes after
  starting,  // executes, and is not ready yet
  ready,
  stopping,
  backoff,  // ended, and is started again soon
  stopped,  // because it was asked to, or never started
  exited,   // by itself, with status 0
  failed    // and is not started again
};
const char* to_string(ServicePhase phase);

/// What a supervisor knows of a service: enough for another supervisor to go on with, and for `ps`.
struct ServiceState {
  ServicePhase phase = ServicePhase::stopped;
  std::int64_t since = 0;             // of the phase, seconds since 1970
  pid_t pid = 0;                      // of the init; 0: none runs
  std::uint64_t start_time = 0;       // with pid names the process: netns/processes.h
  int output_fd = -1, error_fd = -1;  // reading ends of its output, as the init has them
  std::uint32_t restarts = 0;
  std::uint32_t failures = 0;  // in a row
  bool frozen = false;
  bool healthy = true;
  std::string reason;  // why it is not running: "exited with status 1"
  friend bool operator==(const ServiceState&, const ServiceState&) = default;
};

/// True of one that is not running though nothing is amiss with its being asked for: it was
/// stopped, or has given up.
inline bool is_idle(const ServiceState& state) {
  return state.phase == ServicePhase::stopped || state.phase == ServicePhase::failed;
}

/// A service, and where this lab has it.
struct PlacedService {
  Service service;
  std::string netns;   // under /run/netns
  std::string rootfs;  // directory; "": the host's
  std::string group;   // cgroup, under "netyard"
  friend bool operator==(const PlacedService&, const PlacedService&) = default;
};

/// The files of a lab's services, in one directory ("/run/netyard/LAB.d").
struct ServiceFiles {
  std::string directory;

  std::string services() const { return directory + "/services.json"; }
  std::string control() const { return directory + "/control"; }
  std::string lock() const { return directory + "/lock"; }          // held by a supervisor
  std::string starting() const { return directory + "/starting"; }  // and by who starts one
  std::string supervisor_log() const { return directory + "/supervisor.log"; }
  std::string state(const Service& service) const { return stem(service) + ".state"; }
  std::string record(const Service& service) const { return stem(service) + ".exit"; }
  std::string log(const Service& service) const { return stem(service) + ".log"; }

 private:
  std::string stem(const Service& service) const {
    return directory + "/" + service.node + "." + service.name;
  }
};

/// Writes and reads services.json. Throws Error, EBADMSG when it is damaged.
void save_services(const ServiceFiles& files, const std::vector<PlacedService>& services);
std::vector<PlacedService> load_services(const ServiceFiles& files);
/// Replaces the state file atomically; nullopt when there is none that can be read.
void save_state(const ServiceFiles& files, const Service& service, const ServiceState& state);
std::optional<ServiceState> load_state(const std::string& path);
inline std::optional<ServiceState> load_state(const ServiceFiles& files, const Service& service) {
  return load_state(files.state(service));
}

}  // namespace netyard
