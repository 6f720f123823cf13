// SPDX-License-Identifier: Apache-2.0
#include "process/service_state.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace nlohmann {

template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& out, const std::optional<T>& value) {
    out = value ? json(*value) : json();
  }
  static void from_json(const json& from, std::optional<T>& value) {
    if (from.is_null()) {
      value.reset();
    } else {
      value = from.get<T>();
    }
  }
};

template <>
struct adl_serializer<std::chrono::milliseconds> {
  static void to_json(json& out, std::chrono::milliseconds value) { out = value.count(); }
  static void from_json(const json& from, std::chrono::milliseconds& value) {
    value = std::chrono::milliseconds(from.get<std::int64_t>());
  }
};

}  // namespace nlohmann

namespace netyard {

// In namespace netyard, where nlohmann-json looks for them by argument-dependent lookup.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Limits::Io, device, read, write)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Limits, memory, swap, cpu, cpu_weight, cpus, pids, io)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SeccompPolicy, base, file, allow, deny, action, report)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Mount, kind, source, target, read_only, size)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ResourceLimit, name, soft, hard)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(IdRange, inside, outside, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LandlockPolicy, read, write)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Workload, argv, env, env_files, user, groups, umask, cwd,
                                   hostname, capabilities, no_new_privs, seccomp, landlock, limits,
                                   rlimits, nice, oom_score_adj, read_only, rootfs, mounts, uid_map,
                                   gid_map, share, boottime_offset, monotonic_offset)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RestartPolicy, when, delay, most_delay, tries)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Probe, kind, port, path, text, argv)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Readiness, probe, timeout)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Healthcheck, probe, interval, timeout, start_period, retries)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LogPolicy, size, files)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Service, node, name, workload, restart, ready, health, after,
                                   stop_signal, stop_timeout, log, autostart)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlacedService, service, netns, rootfs, group)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ServiceState, phase, since, pid, start_time, output_fd, error_fd,
                                   restarts, failures, frozen, healthy, reason)

namespace {

constexpr std::size_t kLargestState = std::size_t{64} << 20;

void replace_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  {
    const FileDescriptor file = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
    write_all(file.get(), text, fresh);
  }
  if (std::rename(fresh.c_str(), path.c_str()) < 0) throw system_error("replace", path);
}

template <class T>
T parse_file(const std::string& path) {
  try {
    return nlohmann::json::parse(read_file(path, kLargestState)).get<T>();
  } catch (const nlohmann::json::exception& broken) {
    throw Error(EBADMSG, "read", path).reason(broken.what());
  }
}

}  // namespace

const char* to_string(ServicePhase phase) {
  static constexpr std::array kWords = {"waiting", "starting", "ready",  "stopping",
                                        "backoff", "stopped",  "exited", "failed"};
  return kWords[static_cast<std::size_t>(phase)];
}

void save_services(const ServiceFiles& files, const std::vector<PlacedService>& services) {
  replace_file(files.services(), nlohmann::json(services).dump());
}

std::vector<PlacedService> load_services(const ServiceFiles& files) {
  return parse_file<std::vector<PlacedService>>(files.services());
}

void save_state(const ServiceFiles& files, const Service& service, const ServiceState& state) {
  replace_file(files.state(service), nlohmann::json(state).dump() + "\n");
}

std::optional<ServiceState> load_state(const std::string& path) {
  try {
    return parse_file<ServiceState>(path);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace netyard
