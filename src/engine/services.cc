// SPDX-License-Identifier: Apache-2.0
#include "engine/services.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/directory.h"
#include "base/log.h"
#include "base/suggest.h"
#include "engine/instance.h"
#include "engine/record.h"
#include "engine/root_file_system.h"
#include "netns/processes.h"
#include "process/control.h"
#include "process/supervisor.h"

namespace netyard {
namespace {

constexpr std::size_t kLastLines = 10;
constexpr auto kPatienceWithServices = std::chrono::seconds(10);

// The program that is running: it can supervise, too.
const std::string& own_program() {
  static const std::string path = [] {
    char target[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", target, sizeof target);
    if (length < 0) throw system_error("find", "this program");
    return std::string(target, static_cast<std::size_t>(length));
  }();
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

bool is_damaged(const ServiceFiles& files) {
  try {
    load_services(files);
    return false;
  } catch (const Error& error) {
    return error.code() == EBADMSG;
  }
}

pid_t holder(int lock) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  if (fcntl(lock, F_GETLK, &whole) < 0 || whole.l_type == F_UNLCK) return 0;
  return whole.l_pid;
}

// Not by its socket: one that hangs is a supervisor, too, and so is one that begins. The kernel
// knows who holds the lock.
void kill_supervisor(const ServiceFiles& files) {
  try {
    const FileDescriptor lock = open_file(files.lock(), O_RDWR);
    for (pid_t pid = 0; (pid = holder(lock.get())) > 0;) {
      const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
      if (!process || holder(lock.get()) != pid) continue;
      syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
      pollfd ended = {process.get(), POLLIN, 0};
      poll(&ended, 1, -1);
    }
  } catch (const Error& error) {
    log::debug(error.what());
  }
}

// How long those that come after one another may take to stop, one at a time.
std::chrono::milliseconds longest_stop(const std::vector<PlacedService>& services) {
  std::map<std::string, std::chrono::milliseconds> until;
  std::chrono::milliseconds longest{0};
  for (const auto& [service, netns, rootfs, group] : services) {
    std::chrono::milliseconds before{0};
    for (const auto& other : service.after) before = std::max(before, until[other]);
    longest = std::max(longest, until[service.id()] = before + service.stop_timeout);
  }
  return longest;
}

bool any_runs(const ServiceFiles& files, const std::vector<PlacedService>& services) {
  return std::any_of(services.begin(), services.end(), [&](const PlacedService& placed) {
    const auto state = load_state(files, placed.service);
    return state && state->pid != 0;
  });
}

void shut_down(const ServiceFiles& files, const std::vector<PlacedService>& services) {
  try {
    if (!supervisor_runs(files) && !any_runs(files, services)) return;
    ensure_supervisor(files, own_program());
    ask_supervisor(
        files, {ControlRequest::Verb::shut_down, {}}, [] { return false; },
        kPatienceWithServices + longest_stop(services));
  } catch (const Error& error) {
    log::debug(error.what());
  }
}

// The processes that state files tell of, for a machine without cgroups. Whoever is not in the list
// of services any more has one, too.
void kill_recorded(const ServiceFiles& files) {
  for (const auto& name : names_in(files.directory)) {
    if (!name.ends_with(".state")) continue;
    const auto state = load_state(files.directory + "/" + name);
    if (!state || state->pid == 0) continue;
    const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, state->pid, 0)));
    if (process && is_running({state->pid, state->start_time})) {
      syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    }
  }
}

// The first child of its init, or the init when that has none.
pid_t main_process(pid_t init) {
  constexpr std::size_t kMost = std::size_t{1} << 20;
  try {
    const std::string children = read_file(fmt::format("/proc/{0}/task/{0}/children", init), kMost);
    const auto child = static_cast<pid_t>(std::strtol(children.c_str(), nullptr, 10));
    return child > 0 ? child : init;
  } catch (const Error&) {
    return init;
  }
}

// Those that are to start by themselves and were stopped, or gave up.
std::vector<std::string> idle_services(const ServiceFiles& files,
                                       const std::vector<PlacedService>& services) {
  std::vector<std::string> out;
  for (const auto& placed : services) {
    const auto state = load_state(files, placed.service);
    if (state && is_idle(*state) && placed.service.autostart) out.push_back(placed.service.id());
  }
  return out;
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
  return is_there(service_files(lab).services());
}

std::vector<PlacedService> place_services(const Topology& topology) {
  std::vector<PlacedService> out;
  for (const auto& planned : topology.services) {
    PlacedService placed;
    placed.service = planned.service;
    placed.service.workload = with_root_directory(planned.service.workload);
    placed.netns = topology.name + "." + planned.service.node;
    placed.rootfs = placed.service.workload.rootfs;
    placed.group =
        cgroup_scope() + topology.name + "/" + planned.service.node + "." + planned.service.name;
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
  if (has_services(lab) && is_damaged(files)) {
    // Who runs is not known, so they begin anew.
    auto left = end_services(lab);
    if (!left.empty()) throw left.front().error;
    return start_services(lab, services, interrupted);
  }
  if (!has_services(lab) || load_services(files) != services) {
    // The next one takes over those that run.
    kill_supervisor(files);
    save_services(files, services);
  }
  ensure_supervisor(files, own_program());
  const auto idle = idle_services(files, services);
  const auto verb = idle.empty() ? ControlRequest::Verb::wait : ControlRequest::Verb::start;
  return ask(lab, {verb, idle}, interrupted);
}

void end_workloads(const std::string& lab, const std::vector<std::string>& ids) {
  const ServiceFiles files = service_files(lab);
  auto services = placed_services(lab);
  ensure_supervisor(files, own_program());
  ask_supervisor(
      files, {ControlRequest::Verb::stop, ids}, [] { return false; },
      kPatienceWithServices + longest_stop(services));
  kill_supervisor(files);
  std::erase_if(services, [&](const PlacedService& placed) {
    if (std::find(ids.begin(), ids.end(), placed.service.id()) == ids.end()) return false;
    unlink(files.state(placed.service).c_str());
    unlink(files.record(placed.service).c_str());
    return true;
  });
  save_services(files, services);
  if (!services.empty()) return;
  auto left = end_services(lab);
  if (!left.empty()) throw left.front().error;
}

std::vector<Leftover> end_services(const std::string& lab) {
  std::vector<Leftover> left;
  const ServiceFiles files = service_files(lab);
  if (!is_there(files.directory)) return left;
  try {
    if (!is_damaged(files)) shut_down(files, placed_services(lab));
    // A supervisor that an `up` which was killed has just begun finds nothing from now on.
    unlink(files.services().c_str());
    kill_supervisor(files);
    kill_recorded(files);
    const Cgroup group = Cgroup::find(cgroup_scope() + lab);
    const bool empty = group.kill(kPatienceWithServices);
    if (!empty || !group.remove()) {
      left.push_back(
          {"cgroup netyard/" + lab,
           Error(EBUSY, "remove cgroup", "netyard/" + lab).reason("processes in it did not end")});
    }
  } catch (const Error& error) {
    // What is in the directory is needed to try again.
    return {{"workloads of " + lab, error}};
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
      status.pid = main_process(status.state.pid);
      const Cgroup group = Cgroup::find(placed.group);
      if (group) status.usage = group.usage();
    }
    status.service = std::move(placed.service);
    out.services.push_back(std::move(status));
  }
  if (!out.services.empty()) out.supervised = supervisor_runs(files);
  return out;
}

PlacedService running_service(const std::string& lab, const std::string& word) {
  const auto selected = select_services(lab, {word});
  if (selected.size() > 1) {
    throw Error(0, "find", "workload " + word + " in lab " + lab)
        .reason("the node has several")
        .hint("name one, as in " + selected.front().id());
  }
  for (auto& placed : placed_services(lab)) {
    if (placed.service.id() == selected.front().id()) return placed;
  }
  throw Error(ENOENT, "find", "workload " + word);
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
