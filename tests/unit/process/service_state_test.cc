// SPDX-License-Identifier: Apache-2.0
#include "process/service_state.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/process/temporary.h"

namespace netyard::test {
namespace {

using std::chrono::milliseconds;

// Nothing in it as it is by default.
Service every_key() {
  Service out;
  out.node = "r1";
  out.name = "web";
  Workload& workload = out.workload;
  workload.argv = {"web", "", "a b\n\"c\""};
  workload.env = {"A=1"};
  workload.env_files = {"/etc/env"};
  workload.user = "web:www";
  workload.groups = {"adm"};
  workload.umask = 027;
  workload.cwd = "/srv";
  workload.hostname = "www";
  workload.capabilities = {"NET_ADMIN"};
  workload.no_new_privs = false;
  workload.seccomp = {SeccompPolicy::Base::file,   "/p.json", {"mount"}, {"kill"},
                      SeccompPolicy::Action::trap, true};
  workload.landlock = LandlockPolicy{{"/usr"}, {"/tmp"}};
  workload.limits.memory = ~std::uint64_t{0};
  workload.limits.swap = 0;
  workload.limits.cpu = 500;
  workload.limits.cpu_weight = 200;
  workload.limits.cpus = "0-1";
  workload.limits.pids = 32;
  workload.limits.io = {{"/dev/vda", 1, {}}, {"/dev/vdb", {}, 2}};
  workload.rlimits = {{"core", 0, kUnlimited}};
  workload.nice = -5;
  workload.oom_score_adj = 100;
  workload.read_only = false;
  workload.rootfs = "/images/web";
  workload.mounts = {{Mount::Kind::bind, "/a", "/b", true, {}},
                     {Mount::Kind::tmpfs, "", "/c", false, 4096},
                     {Mount::Kind::device, "/dev/x", "/dev/y", false, {}}};
  workload.uid_map = {{0, 100000, 65536}};
  workload.gid_map = {{0, 200000, 65536}};
  workload.share = {"ipc"};
  workload.boottime_offset = 86400;
  workload.monotonic_offset = -5;
  out.restart = {RestartPolicy::When::always, milliseconds(1), milliseconds(2), 3};
  out.ready = Readiness{{Probe::Kind::log, 0, "", "listening", {}}, milliseconds(5)};
  out.health = Healthcheck{{Probe::Kind::exec, 0, "", "", {"check"}},
                           milliseconds(1),
                           milliseconds(2),
                           milliseconds(3),
                           4};
  out.after = {"r2/db"};
  out.stop_signal = 2;
  out.stop_timeout = milliseconds(0);
  out.log = {65536, 2};
  out.autostart = false;
  return out;
}

TEST(ServiceFilesTest, ServicesComeBackAsTheyWere) {
  const Temporary place;
  const ServiceFiles files{place.path()};
  const std::vector<PlacedService> services = {{every_key(), "r1", "/images/web", "lab/r1.web"},
                                               {Service(), "", "", ""}};
  save_services(files, services);
  EXPECT_EQ(load_services(files), services);
}

TEST(ServiceFilesTest, StatesComeBackAsTheyWere) {
  const Temporary place;
  const ServiceFiles files{place.path()};
  const Service service = every_key();
  EXPECT_EQ(load_state(files, service), std::nullopt);
  for (int phase = 0; phase <= static_cast<int>(ServicePhase::failed); ++phase) {
    const ServiceState state = {
        static_cast<ServicePhase>(phase), 1'700'000'000, 42, 4711, 3, 4, 5, 6, true, false,
        "exited with \"status\" 1"};
    save_state(files, service, state);
    EXPECT_EQ(load_state(files, service), state);
  }
}

TEST(ServiceFilesTest, WhatIsBrokenIsNone) {
  const Temporary place;
  const ServiceFiles files{place.path()};
  const Service service = every_key();
  for (const char* text : {"", "{", "{}", "[]", "{\"phase\": \"x\"}"}) {
    place.put("r1.web.state", text);
    place.put("services.json", text);
    EXPECT_EQ(load_state(files, service), std::nullopt) << text;
    if (std::string(text) != "[]") {
      EXPECT_THROW(load_services(files), Error) << text;
    }
  }
}

TEST(ServiceFilesTest, EachHasItsOwn) {
  const ServiceFiles files{"/run/netyard/lab.d"};
  const Service service = every_key();
  EXPECT_EQ(files.state(service), "/run/netyard/lab.d/r1.web.state");
  EXPECT_EQ(files.record(service), "/run/netyard/lab.d/r1.web.exit");
  EXPECT_EQ(files.log(service), "/run/netyard/lab.d/r1.web.log");
}

TEST(ServicePhases, HaveTheirWords) {
  EXPECT_STREQ(to_string(ServicePhase::waiting), "waiting");
  EXPECT_STREQ(to_string(ServicePhase::backoff), "backoff");
  EXPECT_STREQ(to_string(ServicePhase::failed), "failed");
}

}  // namespace
}  // namespace netyard::test
