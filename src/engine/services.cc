// SPDX-License-Identifier: Apache-2.0
#include "engine/services.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/log.h"
#include "base/suggest.h"
#include "engine/record.h"
#include "engine/root_file_system.h"
#include "netns/processes.h"
#include "process/control.h"
#include "process/supervisor.h"

namespace netyard {
namespace {

constexpr std::size_t kLastLines = 10;
constexpr auto kPatience = std::chrono::seconds(10);

// The program that is running: it can supervise, too.
const std::string& own_program() {
  static const std::string path = std::filesystem::read_symlink("/proc/self/exe").string();
  return path;
}

std::vector<FailedService> with_lines(const std::string& lab,
                                      const std::vector<ControlFailure>& failures) {
  const ServiceFiles files = service_files(lab);
  std::vector<FailedService> out;
  for (const auto& failure : failures) {
    FailedService failed{failure.service, failure.reason, {}};
    const std::size_t slash = failure.service.find('/');
    if (slash != std::string::npos) {
      Service service;
      service.node = failure.service.substr(0, slash);
      service.name = failure.service.substr(slash + 1);
      for (auto& line : read_log(files.log(service), kLastLines)) {
        failed.lines.push_back(std::move(line.text));
      }
    }
    out.push_back(std::move(failed));
  }
  return out;
}

std::optional<std::vector<FailedService>> ask(const std::string& lab, const ControlRequest& request,
                                              const std::function<bool()>& interrupted) {
  const auto answer = ask_supervisor(service_files(lab), request, interrupted);
  if (!answer) return {};
  return with_lines(lab, answer->failures);
}

std::vector<PlacedService> placed_services(const std::string& lab) {
  if (!has_services(lab)) return {};
  return load_services(service_files(lab));
}

// Not by its socket: one that hangs is a supervisor, too. While it holds the lock, the pid in there
// is its own.
void kill_supervisor(const ServiceFiles& files) {
  try {
    const FileDescriptor lock = open_file(files.lock(), O_RDWR);
    constexpr std::size_t kLongest = 64;
    const std::string text = read_file(files.lock(), kLongest);
    const auto pid = static_cast<pid_t>(std::strtol(text.c_str(), nullptr, 10));
    const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (pid <= 1 || !process || flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return;
    syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    flock(lock.get(), LOCK_EX);
  } catch (const Error& error) {
    log::debug(error.what());
  }
}

void shut_down(const std::string& lab) {
  const ServiceFiles files = service_files(lab);
  try {
    ensure_supervisor(files, own_program());
    std::chrono::milliseconds patience = kPatience;
    for (const auto& placed : load_services(files)) patience += placed.service.stop_timeout;
    ask_supervisor(
        files, {ControlRequest::Verb::shut_down, {}}, [] { return false; }, patience);
  } catch (const Error& error) {
    log::debug(error.what());
  }
  kill_supervisor(files);
}

// The processes that state files tell of, for a machine without cgroups.
void kill_recorded(const std::string& lab) {
  const ServiceFiles files = service_files(lab);
  for (const auto& placed : placed_services(lab)) {
    const auto state = load_state(files, placed.service);
    if (!state || state->pid == 0) continue;
    const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, state->pid, 0)));
    if (process && is_running({state->pid, state->start_time})) {
      syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    }
  }
}

bool means(const std::string& word, const Service& service) {
  return word == service.node || word == service.id();
}

ControlRequest::Verb verb_of(ServiceAction action) {
  static constexpr ControlRequest::Verb kVerbs[] = {
      ControlRequest::Verb::start, ControlRequest::Verb::stop, ControlRequest::Verb::restart,
      ControlRequest::Verb::freeze, ControlRequest::Verb::thaw};
  return kVerbs[static_cast<std::size_t>(action)];
}

}  // namespace

ServiceFiles service_files(const std::string& lab) {
  return {std::string(kRunDirectory) + "/" + lab + ".d"};
}

bool has_services(const std::string& lab) {
  return access(service_files(lab).services().c_str(), F_OK) == 0;
}

std::vector<PlacedService> place_services(const Topology& topology) {
  std::vector<PlacedService> out;
  for (const auto& planned : topology.services) {
    PlacedService placed;
    placed.service = planned.service;
    placed.service.workload = with_root_directory(planned.service.workload);
    placed.netns = topology.name + "." + planned.service.node;
    placed.rootfs = placed.service.workload.rootfs;
    placed.group = topology.name + "/" + planned.service.node + "." + planned.service.name;
    out.push_back(std::move(placed));
  }
  return out;
}

std::optional<std::vector<FailedService>> start_services(const std::string& lab,
                                                         const std::vector<PlacedService>& services,
                                                         const std::function<bool()>& interrupted) {
  const ServiceFiles files = service_files(lab);
  if (mkdir(files.directory.c_str(), 0755) < 0 && errno != EEXIST) {
    throw system_error("create directory", files.directory);
  }
  save_services(files, services);
  ensure_supervisor(files, own_program());
  return ask(lab, {ControlRequest::Verb::wait, {}}, interrupted);
}

std::vector<Leftover> end_services(const std::string& lab) {
  std::vector<Leftover> left;
  const ServiceFiles files = service_files(lab);
  if (access(files.directory.c_str(), F_OK) < 0) return left;
  if (has_services(lab)) shut_down(lab);
  try {
    kill_recorded(lab);
    const Cgroup group = Cgroup::find(lab);
    const bool empty = group.kill(kPatience);
    if (!empty || !group.remove()) {
      left.push_back(
          {"cgroup netyard/" + lab,
           Error(EBUSY, "remove cgroup", "netyard/" + lab).reason("processes in it did not end")});
    }
  } catch (const Error& error) {
    left.push_back({"cgroup netyard/" + lab, error});
  }
  std::error_code failed;
  std::filesystem::remove_all(files.directory, failed);
  if (failed) {
    left.push_back({files.directory, Error(failed.value(), "remove directory", files.directory)});
  }
  return left;
}

void supervise_services(const std::string& directory) {
  constexpr int kListening = 3;
  fcntl(kListening, F_SETFD, FD_CLOEXEC);
  supervise({directory}, FileDescriptor(kListening));
}

ServiceList list_services(const std::string& lab) {
  ServiceList out;
  const ServiceFiles files = service_files(lab);
  for (auto& placed : placed_services(lab)) {
    ServiceStatus status;
    if (auto state = load_state(files, placed.service)) status.state = std::move(*state);
    if (status.state.pid != 0) {
      const Cgroup group = Cgroup::find(placed.group);
      if (group) status.usage = group.usage();
    }
    status.service = std::move(placed.service);
    out.services.push_back(std::move(status));
  }
  if (!out.services.empty()) out.supervised = supervisor_runs(files);
  return out;
}

std::vector<Service> select_services(const std::string& lab,
                                     const std::vector<std::string>& words) {
  std::vector<Service> all;
  for (auto& placed : placed_services(lab)) all.push_back(std::move(placed.service));
  if (all.empty()) {
    throw Error(0, "find", "workloads of lab " + lab).reason("the lab has none");
  }
  if (words.empty()) return all;
  std::vector<Service> out;
  for (const auto& word : words) {
    const std::size_t before = out.size();
    for (const auto& service : all) {
      if (means(word, service)) out.push_back(service);
    }
    if (out.size() > before) continue;
    std::vector<std::string> names;
    for (const auto& service : all) {
      names.push_back(service.node);
      names.push_back(service.id());
    }
    throw Error(0, "find", "workload " + word + " in lab " + lab)
        .reason("the lab has no such workload")
        .hint(did_you_mean(word, names));
  }
  return out;
}

std::optional<std::vector<FailedService>> act_on_services(
    const std::string& lab, ServiceAction action, const std::vector<std::string>& words,
    const std::function<bool()>& interrupted) {
  ControlRequest request;
  request.verb = verb_of(action);
  for (const auto& service : select_services(lab, words)) request.services.push_back(service.id());
  ensure_supervisor(service_files(lab), own_program());
  return ask(lab, request, interrupted);
}

}  // namespace netyard
