// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

using std::chrono::milliseconds;
using Words = std::vector<std::string>;

const Service& first_of(const LabText& lab) {
  return lab.file.nodes.at(0).run.at(0).service;
}

LabText load_workload(const std::string& keys) {
  return load_text("nodes:\n  a:\n    run:\n      web:\n        command: web\n" + keys);
}

TEST(Run, ReadsEveryKeyOfAWorkload) {
  const LabText lab = load_workload(R"(
        user: nobody:nogroup
        groups: [adm, 27]
        umask: 027
        cwd: /srv
        hostname: www
        env: {MODE: yes, EMPTY: ""}
        env_files: web.env
        capabilities: [NET_ADMIN, cap_net_raw]
        seccomp: {profile: default, allow: [mount], deny: [kill, tkill], action: trap}
        landlock: {read: [/usr, /etc], write: /tmp}
        limits:
          memory: 64M
          swap: 0
          cpu: 0.5
          cpu_weight: 200
          cpus: 0-1,3
          pids: 32
          io: {/dev/vda: {read: 1M}, /dev/vdb: {write: 512K}}
        rlimits: {nofile: 1024, core: unlimited, nproc: 100:200}
        nice: -5
        oom_score_adj: 100
        read_only: false
        rootfs: images/web
        binds: ["data:/data", /etc/ssl:ro]
        tmpfs: [/tmp, "/run:16M"]
        devices: [/dev/net/tun, "/dev/null:/dev/nil"]
        uid_map: ["0:100000:65536"]
        gid_map: 0:100000:65536
        share: ipc
        time: {boottime: 86400, monotonic: -5}
        restart: {policy: always, delay: 1s, max_delay: 1m, tries: 0}
        ready: {tcp: 8080, timeout: 5}
        healthcheck: {exec: "web --check", interval: 1s, timeout: 2s, retries: 5, start_period: 3s}
        stop_signal: int
        stop_timeout: 0
        log: {size: 64K, files: 2}
        autostart: off
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  Service want;
  want.node = "a";
  want.name = "web";
  Workload& workload = want.workload;
  workload.argv = {"web"};
  workload.user = "nobody:nogroup";
  workload.groups = {"adm", "27"};
  workload.umask = 027;
  workload.cwd = "/srv";
  workload.hostname = "www";
  workload.env = {"MODE=yes", "EMPTY="};
  workload.env_files = {"/web.env"};
  workload.capabilities = {"NET_ADMIN", "cap_net_raw"};
  workload.seccomp.allow = {"mount"};
  workload.seccomp.deny = {"kill", "tkill"};
  workload.seccomp.action = SeccompPolicy::Action::trap;
  workload.landlock = LandlockPolicy{{"/usr", "/etc"}, {"/tmp"}};
  workload.limits.memory = 64U << 20;
  workload.limits.swap = 0;
  workload.limits.cpu = 500;
  workload.limits.cpu_weight = 200;
  workload.limits.cpus = "0-1,3";
  workload.limits.pids = 32;
  workload.limits.io = {{"/dev/vda", 1U << 20, {}}, {"/dev/vdb", {}, 512U << 10}};
  workload.rlimits = {
      {"nofile", 1024, 1024}, {"core", kUnlimited, kUnlimited}, {"nproc", 100, 200}};
  workload.nice = -5;
  workload.oom_score_adj = 100;
  workload.read_only = false;
  workload.rootfs = "/images/web";
  workload.mounts = {{Mount::Kind::bind, "/data", "/data", false, {}},
                     {Mount::Kind::bind, "/etc/ssl", "/etc/ssl", true, {}},
                     {Mount::Kind::tmpfs, "", "/tmp", false, {}},
                     {Mount::Kind::tmpfs, "", "/run", false, 16U << 20},
                     {Mount::Kind::device, "/dev/net/tun", "/dev/net/tun", false, {}},
                     {Mount::Kind::device, "/dev/null", "/dev/nil", false, {}}};
  workload.uid_map = workload.gid_map = {{0, 100000, 65536}};
  workload.share = {"ipc"};
  workload.boottime_offset = 86400;
  workload.monotonic_offset = -5;
  want.restart = {RestartPolicy::When::always, milliseconds(1000), milliseconds(60'000), 0};
  want.ready = Readiness{{Probe::Kind::tcp, 8080, "", "", {}}, milliseconds(5000)};
  want.health = Healthcheck{{Probe::Kind::exec, 0, "", "", {"web", "--check"}},
                            milliseconds(1000),
                            milliseconds(2000),
                            milliseconds(3000),
                            5};
  want.stop_signal = 2;
  want.stop_timeout = milliseconds(0);
  want.log = {64U << 10, 2};
  want.autostart = false;
  EXPECT_EQ(first_of(lab), want);
}

TEST(Run, ACommandAloneIsAWorkloadWithTheDefaults) {
  const LabText lab = load_text(R"(nodes:
  a: {run: {one: "sleep '1 0'", two: [sleep, 10], three: {command: sleep 10}}}
  s: {kind: switch, run: {four: sleep 10}}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  Service want;
  want.node = "a";
  want.name = "one";
  want.workload.argv = {"sleep", "1 0"};
  want.workload.hostname = "a";
  EXPECT_EQ(first_of(lab), want);
  const auto& run = lab.file.nodes[0].run;
  EXPECT_EQ(run[1].service.workload, run[2].service.workload);
  EXPECT_EQ(lab.file.nodes[1].run[0].service.id(), "s/four");
  EXPECT_EQ(run[2].at.to_string(), "lab.yaml:2:51");
}

TEST(Run, NothingAfterAKeyIsNothing) {
  const LabText lab = load_workload(
      "        limits:\n        rlimits:\n        env:\n        binds:\n        landlock:\n"
      "        time:\n        log:\n        after: []\n        seccomp: {allow: []}\n");
  ASSERT_EQ(lab.diagnostics.render(), "");
  Service want;
  want.node = "a";
  want.name = "web";
  want.workload.argv = {"web"};
  want.workload.hostname = "a";
  EXPECT_EQ(first_of(lab), want);
  EXPECT_EQ(load_text("nodes: {a: {run: }}\n").diagnostics.render(), "");
}

TEST(Run, ReadsEveryFormOfSeccomp) {
  const auto policy = [](const std::string& text) {
    const LabText lab = load_workload("        seccomp: " + text + "\n");
    EXPECT_EQ(lab.diagnostics.render(), "");
    return first_of(lab).workload.seccomp;
  };
  using Base = SeccompPolicy::Base;
  EXPECT_EQ(policy("default"), SeccompPolicy{});
  EXPECT_EQ(policy("unconfined").base, Base::unconfined);
  EXPECT_EQ(policy("web.json").file, "/web.json");
  EXPECT_EQ(policy("{profile: /etc/web, report: true}"),
            (SeccompPolicy{Base::file, "/etc/web", {}, {}, {}, true}));
  EXPECT_EQ(policy("{only: [execve, exit_group], action: kill}"),
            (SeccompPolicy{
                Base::none, "", {"execve", "exit_group"}, {}, SeccompPolicy::Action::kill, false}));
  EXPECT_EQ(policy("{deny: kill}").deny, Words{"kill"});
}

TEST(Run, ReadsEveryProbe) {
  const auto probe = [](const std::string& text) {
    const LabText lab = load_workload("        ready: {" + text + "}\n");
    EXPECT_EQ(lab.diagnostics.render(), "");
    return first_of(lab).ready.value().probe;
  };
  EXPECT_EQ(probe("udp: 53"), (Probe{Probe::Kind::udp, 53, "", "", {}}));
  EXPECT_EQ(probe("unix: /run/x"), (Probe{Probe::Kind::unix_, 0, "/run/x", "", {}}));
  EXPECT_EQ(probe("unix: \"@x\""), (Probe{Probe::Kind::unix_, 0, "@x", "", {}}));
  EXPECT_EQ(probe("exec: [a, b c]"), (Probe{Probe::Kind::exec, 0, "", "", {"a", "b c"}}));
  EXPECT_EQ(probe("file: /run/ok"), (Probe{Probe::Kind::file, 0, "/run/ok", "", {}}));
  EXPECT_EQ(probe("log: is up"), (Probe{Probe::Kind::log, 0, "", "is up", {}}));
}

TEST(Run, ReadsEveryRestartPolicy) {
  const auto when = [](const std::string& text) {
    const LabText lab = load_workload("        restart: " + text + "\n");
    EXPECT_EQ(lab.diagnostics.render(), "");
    return first_of(lab).restart.when;
  };
  using When = RestartPolicy::When;
  EXPECT_EQ(when("no"), When::no);
  EXPECT_EQ(when("\"no\""), When::no);
  EXPECT_EQ(when("false"), When::no) << "what a YAML 1.1 writer makes of no";
  EXPECT_EQ(when("on-failure"), When::on_failure);
  EXPECT_EQ(when("{policy: always}"), When::always);
  EXPECT_EQ(when("{policy: no}"), When::no);
  const LabText slow = load_workload("        restart: {policy: always, delay: 30s}\n");
  EXPECT_EQ(first_of(slow).restart.most_delay, milliseconds(30'000));
}

TEST(Run, DefaultsHoldForWorkloadsThatDoNotSayOtherwise) {
  const LabText lab = load_text(R"(vars: {LEVEL: debug}
defaults:
  workload:
    user: nobody
    env: {LEVEL: "${LEVEL}", HOME: /}
    limits: {memory: 64M, pids: 8}
    share: [pid]
nodes:
  a:
    run:
      one: sleep 1
      two: {command: sleep 2, user: root, env: [HOME=/root, X=1], limits: {cpu: 50%}, share: }
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  const Workload& one = lab.file.nodes[0].run[0].service.workload;
  const Workload& two = lab.file.nodes[0].run[1].service.workload;
  EXPECT_EQ(one.user, "nobody");
  EXPECT_EQ(one.env, (Words{"LEVEL=debug", "HOME=/"}));
  EXPECT_EQ(one.limits.memory, 64U << 20);
  EXPECT_EQ(two.user, "root");
  EXPECT_EQ(two.env, (Words{"LEVEL=debug", "HOME=/root", "X=1"}));
  EXPECT_FALSE(two.limits.memory);
  EXPECT_EQ(two.limits.cpu, 500U);
  EXPECT_TRUE(two.share.empty());
}

TEST(Run, PathsOfTheHostBeginWhereTheFileIsThatSaysThem) {
  spec::LoadOptions options;
  options.directory = "/home/lab";
  const LabText lab = load_files(
      {{"lab.yaml",
        "include: parts/web.yaml\nnodes: {b: {run: {x: {command: x, rootfs: ./r/}}}}\n"},
       {"parts/web.yaml",
        "defaults: {workload: {env_files: d.env}}\nvars: {D: data}\n"
        "nodes: {a: {run: {x: {command: x, binds: [\"${D}:/data\", \"../b:/b\", \"/c:/c\"],\n"
        "  rootfs: ., seccomp: ./x, devices: [\"tun:/dev/tun\"]}}}}\n"}},
      options);
  ASSERT_EQ(lab.diagnostics.render(), "");
  const Workload& a = lab.file.nodes[0].run[0].service.workload;
  EXPECT_EQ(a.mounts[0].source, "/home/lab/parts/data");
  EXPECT_EQ(a.mounts[1].source, "/home/lab/b");
  EXPECT_EQ(a.mounts[2].source, "/c");
  EXPECT_EQ(a.mounts[3].source, "/home/lab/parts/tun");
  EXPECT_EQ(a.rootfs, "/home/lab/parts");
  EXPECT_EQ(a.seccomp.file, "/home/lab/parts/x");
  const Workload& b = lab.file.nodes[1].run[0].service.workload;
  EXPECT_EQ(b.rootfs, "/home/lab/r");
  EXPECT_EQ(b.env_files, Words{"/home/lab/parts/d.env"});
}

TEST(Run, VariablesStandInNamesAndValues) {
  spec::LoadOptions options;
  options.vars["PORT"] = "81";
  const LabText lab = load_files(
      {{"lab.yaml",
        "vars: {N: web, PORT: 80, K: KEY, D: /dev/vda}\nnodes:\n  a:\n    run:\n      \"${N}-1\":\n"
        "        command: [\"${N}\", \"$${N}\", \"-p${PORT}\"]\n        ready: {tcp: \"${PORT}\"}\n"
        "        env: {\"${K}\": \"${PORT}\"}\n        limits: {io: {\"${D}\": {read: 1M}}}\n"}},
      options);
  ASSERT_EQ(lab.diagnostics.render(), "");
  const Service& service = first_of(lab);
  EXPECT_EQ(service.name, "web-1");
  EXPECT_EQ(service.workload.argv, (Words{"web", "${N}", "-p81"}));
  EXPECT_EQ(service.ready->probe.port, 81);
  EXPECT_EQ(service.workload.env, Words{"KEY=81"});
  EXPECT_EQ(service.workload.limits.io[0].device, "/dev/vda");
}

TEST(Run, KnowsThePlaceOfEachWord) {
  const LabText lab =
      load_workload("        capabilities: [NET_RAW, SYS_TIME]\n        binds: [\"d:/d\"]\n");
  const PlannedService& planned = lab.topology.services.at(0);
  const auto place = [&](const char* key, const char* word) {
    return planned.places.find(key, word, planned.at).to_string();
  };
  EXPECT_EQ(place("capabilities", "SYS_TIME"), "lab.yaml:6:33");
  EXPECT_EQ(place("capabilities", "other"), "lab.yaml:6:23");
  EXPECT_EQ(place("binds", "/d"), "lab.yaml:7:17");
  EXPECT_EQ(place("user", ""), "lab.yaml:4:7");
}

}  // namespace
}  // namespace netyard::test
