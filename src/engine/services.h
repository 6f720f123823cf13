// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/kernel.h"
#include "process/cgroup.h"
#include "process/log_file.h"
#include "process/service_state.h"

namespace netyard {

/// Where the files of a lab's services are: "/run/netyard/LAB.d".
ServiceFiles service_files(const std::string& lab);
bool has_services(const std::string& lab);

/// Where the workloads of a topology run: the order is that in which they are started.
std::vector<PlacedService> place_services(const Topology& topology);

/// Starts the services that are to start by themselves under a supervisor, unless they run already,
/// and waits until all are ready. A supervisor that knows others is replaced. nullopt:
/// `interrupted` said true. Those that failed come with the last lines that they wrote. Throws
/// Error when no supervisor can be started.
std::optional<std::vector<FailedService>> start_services(const std::string& lab,
                                                         const std::vector<PlacedService>& services,
                                                         const std::function<bool()>& interrupted);

/// Ends services ("NODE/NAME") of a lab and forgets them; the others run on. Throws Error.
void end_workloads(const std::string& lab, const std::vector<std::string>& ids);

/// Ends all services of a lab, the last to come first, and their supervisor; kills what does not
/// end, and what is left of them without a supervisor. Removes files and cgroups. Never throws:
/// says what stayed.
std::vector<Leftover> end_services(const std::string& lab);

/// Is the supervisor of the services in a directory, until it is told to shut down. Descriptor 3 is
/// closed when it listens. Throws Error.
void supervise_services(const std::string& directory);

/// One line of `ps`.
struct ServiceStatus {
  Service service;
  ServiceState state;
  pid_t pid = 0;      // of its main process; 0: none runs
  CgroupUsage usage;  // while it runs
};
struct ServiceList {
  std::vector<ServiceStatus> services;
  bool supervised = true;  // false: nobody looks after them now
};
/// Throws Error when the lab is not up.
ServiceList list_services(const std::string& lab);

/// What a user does to services: "NODE", "NODE/NAME", or nothing for all.
enum class ServiceAction { start, stop, restart, freeze, thaw };
/// Does it and waits for it; starts a supervisor when none runs. Throws Error for words that name
/// no service.
std::optional<std::vector<FailedService>> act_on_services(const std::string& lab,
                                                          ServiceAction action,
                                                          const std::vector<std::string>& words,
                                                          const std::function<bool()>& interrupted);

/// The service "NODE/NAME", or the only one of NODE. Throws Error, with the nearest name.
PlacedService running_service(const std::string& lab, const std::string& word);

/// The services of a lab that words name. Throws Error, with the nearest name.
std::vector<Service> select_services(const std::string& lab, const std::vector<std::string>& words);

}  // namespace netyard
