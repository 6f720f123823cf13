// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

struct Bad {
  const char* keys;     // of a workload in line 3, from column 12 on
  const char* message;  // without the "3:" of its line
};

// A workload in which one thing is wrong; each diagnostic must be in its line.
class BadWorkload : public testing::TestWithParam<Bad> {};

TEST_P(BadWorkload, IsExplained) {
  const std::string text =
      std::string("nodes: {a: {run: {w: {\n  command: x,\n  ") + GetParam().keys + "\n}}}}\n";
  const LabText lab = load_text(text);
  EXPECT_TRUE(lab.diagnostics.has_errors());
  EXPECT_EQ(brief(lab.diagnostics), std::string("3:") + GetParam().message + "\n") << text;
}

INSTANTIATE_TEST_SUITE_P(
    Identity, BadWorkload,
    testing::Values(
        Bad{"comand: y", "3: unknown key 'comand' | did you mean 'command'?"},
        Bad{"user: []", "9: expected a user, found a list"},
        Bad{"user: \"\"", "9: expected a user, found an empty text"},
        Bad{"user: \"a:\"", "9: 'a:' is no user: expected NAME or NAME:GROUP"},
        Bad{"user: a:b:c", "9: 'a:b:c' is no user: expected NAME or NAME:GROUP"},
        Bad{"groups: [[a]]", "12: expected a name, found a list"},
        Bad{"umask: 088", "10: expected an octal mask from 000 to 777, found '088'"},
        Bad{"umask: 1777", "10: expected an octal mask from 000 to 777, found '1777'"},
        Bad{"cwd: srv", "8: 'srv' is not absolute"},
        Bad{"hostname: {}", "13: expected a text, found a mapping"},
        Bad{"hostname: 0123456789012345678901234567890123456789012345678901234567890123x",
            "13: a hostname has at most 64 bytes"},
        Bad{"env: [A]", "9: 'A' is not KEY=VALUE"},
        Bad{"env: {A=B: x}", "9: 'A=B' is no name of a variable"},
        Bad{"env: {A: }", "12: expected a value, found nothing"},
        Bad{"env_files: {}", "14: expected a file, found a mapping"}));

INSTANTIATE_TEST_SUITE_P(
    Confinement, BadWorkload,
    testing::Values(
        Bad{"capabilities: [NET_RAW, NET_ADMN]",
            "27: there is no capability 'NET_ADMN' | did you mean 'NET_ADMIN'?"},
        Bad{"no_new_privs: false",
            "17: the default seccomp filter needs no_new_privs | say 'seccomp: unconfined' as well "
            "if that is meant"},
        Bad{"no_new_privs: maybe", "17: expected true or false, found 'maybe'"},
        Bad{"no_new_privs: no, seccomp: unconfind",
            "30: there is no seccomp profile 'unconfind' | did you mean 'unconfined'?"},
        Bad{"seccomp: strict",
            "12: there is no seccomp profile 'strict' | default, unconfined, or a file: with '/' "
            "or ending in .json"},
        Bad{"seccomp: [kill]", "12: expected a seccomp profile, found a list"},
        Bad{"seccomp: {dney: [kill]}", "13: unknown key 'dney' | did you mean 'deny'?"},
        Bad{"seccomp: {deny: [kill, moutn]}",
            "26: there is no system call 'moutn' | did you mean 'mount'?"},
        Bad{"seccomp: {only: []}",
            "19: 'only' names no system call | a program needs some to begin at all"},
        Bad{"seccomp: {only: [read], allow: [write]}",
            "34: 'only' and 'allow' contradict each other | 'only' begins with nothing allowed"},
        Bad{"seccomp: {profile: default, only: [read]}",
            "22: 'only' and 'profile' contradict each other | 'only' begins with nothing allowed"},
        Bad{"seccomp: {action: stop}",
            "21: expected an action for refused calls, found 'stop' | one of errno, kill, log, "
            "trap"},
        Bad{"seccomp: {report: true, action: kill}",
            "12: 'report' answers refused calls with EPERM: there is no other 'action'"},
        Bad{"landlock: [/usr]", "13: expected a mapping, found a list"},
        Bad{"landlock: {read: [/usr, etc]}", "27: 'etc' is not absolute"},
        Bad{"landlock: {exec: [/usr]}", "14: unknown key 'exec'"}));

INSTANTIATE_TEST_SUITE_P(
    Limits, BadWorkload,
    testing::Values(
        Bad{"limits: 64M", "11: expected a mapping of limits, found text"},
        Bad{"limits: {mem: 64M}", "12: unknown key 'mem'"},
        Bad{"limits: {memory: lots}",
            "20: expected a size, found 'lots' | bytes, or as in 64K, 512M or 1.5G"},
        Bad{"limits: {memory: 64}",
            "20: 64 bytes of memory are less than a process needs | at least 512K; most programs "
            "need some megabytes"},
        Bad{"limits: {swap: 1M}", "18: a swap limit needs a memory limit"},
        Bad{"limits: {memory: x, swap: 1M}",
            "20: expected a size, found 'x' | bytes, or as in 64K, 512M or 1.5G"},
        Bad{"limits: {cpu: 0}",
            "17: expected a number of processors, found '0' | as in 0.5, 2 or 50%"},
        Bad{"limits: {cpu_weight: 0}", "24: expected a number from 1 to 10000, found '0'"},
        Bad{"limits: {cpus: a-b}", "18: 'a-b' is no list of processors | as in 0-1,3"},
        Bad{"limits: {pids: 0}", "18: expected a number from 1 to 4194304, found '0'"},
        Bad{"limits: {pids: 1}", "18: 1 is less than the 2 processes that it begins with"},
        Bad{"limits: {io: {vda: {read: 1M}}}", "17: 'vda' is no device | as in /dev/vda"},
        Bad{"limits: {io: {/dev/vda: {}}}", "27: there is neither 'read' nor 'write'"},
        Bad{"limits: {io: {/dev/vda: {read: 0}}}", "34: expected a size above 0, found '0'"},
        Bad{"limits: {io: {/dev/vda: {raed: 1}}}", "28: unknown key 'raed' | did you mean 'read'?"},
        Bad{"rlimits: [nofile=1]", "12: expected a mapping of limits, found a list"},
        Bad{"rlimits: {nofiles: 1}",
            "13: there is no resource limit 'nofiles' | did you mean 'nofile'?"},
        Bad{"rlimits: {nofile: many}",
            "21: expected a limit, found 'many' | a number or unlimited, or SOFT:HARD"},
        Bad{"rlimits: {core: 0, nofile: 2:1}", "30: nofile: the soft limit is above the hard one"},
        Bad{"nice: 20", "9: expected a number from -20 to 19, found '20'"},
        Bad{"oom_score_adj: -1001", "18: expected a number from -1000 to 1000, found '-1001'"}));

INSTANTIATE_TEST_SUITE_P(
    Filesystem, BadWorkload,
    testing::Values(Bad{"read_only: 2", "14: expected true or false, found '2'"},
                    Bad{"rootfs: ~", "11: expected a directory or an image, found nothing"},
                    Bad{"binds: [\"a:b:c\"]",
                        "11: 'a:b:c' is no bind: expected SOURCE:TARGET[:ro] or PATH[:ro]"},
                    Bad{"binds: [\"/a:/a\", \"/b:b\"]", "20: 'b' is not absolute"},
                    Bad{"binds: [data]", "11: 'data' is not absolute"},
                    Bad{"binds: [\"/a:/x/../y\"]", "11: '/x/../y' leads upward"},
                    Bad{"binds: [\"/a:/\"]",
                        "11: '/' cannot be mounted over | that is what rootfs is for"},
                    Bad{"tmpfs: [\"/tmp:big\"]",
                        "11: '/tmp:big' is no tmpfs: expected PATH or PATH:SIZE | as in /tmp:16M"},
                    Bad{"tmpfs: tmp", "10: 'tmp' is not absolute"},
                    Bad{"devices: [\"/dev/tun:ro\"]",
                        "13: '/dev/tun:ro' is no device: expected PATH or SOURCE:TARGET"},
                    Bad{"share: [mount], tmpfs: /tmp",
                        "11: mounts and a rootfs need a mount namespace of their own"}));

INSTANTIATE_TEST_SUITE_P(
    Namespaces, BadWorkload,
    testing::Values(
        Bad{"share: [net]",
            "11: 'net' is no namespace that can be shared | pid, mount, uts, ipc, cgroup"},
        Bad{"share: uts, hostname: x", "10: a hostname needs a uts namespace of its own"},
        Bad{"uid_map: [\"0:1\"]", "13: '0:1' is no range of ids: expected INSIDE:OUTSIDE:COUNT"},
        Bad{"uid_map: [\"0:1000:1\"]", "12: uid_map and gid_map go together"},
        Bad{"gid_map: [\"0:1000:1\"]", "12: uid_map and gid_map go together"},
        Bad{"time: 5", "9: expected a mapping of clocks, found text"},
        Bad{"time: {boottime: 1d}",
            "20: expected a number from -4611686018 to 4611686018, found '1d'"},
        Bad{"time: {realtime: 1}", "10: unknown key 'realtime'"},
        Bad{"time: {boottime: 1}, share: pid",
            "31: a time namespace needs a pid namespace of its own"}));

INSTANTIATE_TEST_SUITE_P(
    Lifecycle, BadWorkload,
    testing::Values(
        Bad{"restart: yes",
            "12: expected a restart policy, found 'yes' | one of no, on-failure, always"},
        Bad{"restart: onfailure",
            "12: expected a restart policy, found 'onfailure' | did you mean 'on-failure'?"},
        Bad{"restart: {delay: 1s}",
            "12: 'restart' has no 'policy' | one of no, on-failure, always"},
        Bad{"restart: {policy: always, delay: soon}",
            "36: expected a time, found 'soon' | seconds, or as in 200ms, 10s or 1.5m"},
        Bad{"restart: {policy: always, delay: 5s, max_delay: 1s}",
            "51: 'max_delay' is less than 'delay'"},
        Bad{"restart: {policy: always, tries: -1}",
            "36: expected a number from 0 to 1000000, found '-1'"},
        Bad{"restart: {polcy: always}", "13: unknown key 'polcy' | did you mean 'policy'?"},
        Bad{"stop_signal: TREM", "16: there is no signal 'TREM' | did you mean 'TERM'?"},
        Bad{"stop_signal: 99", "16: there is no signal '99'"},
        Bad{"stop_timeout: -1s",
            "17: expected a time, found '-1s' | seconds, or as in 200ms, 10s or 1.5m"},
        Bad{"log: 1M", "8: expected a mapping, found text"},
        Bad{"log: {size: 1K}", "15: expected a size of at least 4 KiB, found '1K'"},
        Bad{"log: {files: 0}", "16: expected a number from 1 to 1000, found '0'"},
        Bad{"autostart: later", "14: expected true or false, found 'later'"},
        Bad{"after: {a: b}", "10: expected a workload or a node, found a mapping"}));

INSTANTIATE_TEST_SUITE_P(
    Probes, BadWorkload,
    testing::Values(
        Bad{"ready: 80", "10: expected a mapping with a probe, as in {tcp: 80}, found text"},
        Bad{"ready: {timeout: 5s}",
            "10: 'ready' has no probe | one of tcp, udp, unix, exec, file, log"},
        Bad{"ready: {tcp: 80, udp: 80}",
            "20: 'udp' is a second probe, beside 'tcp' | 'ready' has one"},
        Bad{"ready: {tcp: 0}", "16: expected a number from 1 to 65535, found '0'"},
        Bad{"ready: {tcp: 65536}", "16: expected a number from 1 to 65535, found '65536'"},
        Bad{"ready: {unix: run/x}", "17: 'run/x' is no socket: expected an absolute path or @NAME"},
        Bad{"ready: {unix: \"@\"}", "17: '@' is no socket: expected an absolute path or @NAME"},
        Bad{"ready: {unix: /0123456789012345678901234567890123456789012345678901234567890123456789"
            "0123456789012345678901234567890123456789}",
            "17: the name of the socket has 111 bytes, at most 107 are allowed"},
        Bad{"ready: {exec: []}", "17: the command is empty"},
        Bad{"ready: {exec: \"a 'b\"}", "17: not a command line: the quote ' is not closed"},
        Bad{"ready: {file: ok}", "17: 'ok' is not absolute"},
        Bad{"ready: {log: \"\"}", "16: expected a text, found an empty text"},
        Bad{"ready: {tcp: 80, timeout: 0}", "29: expected a time of at least 1ms, found '0'"},
        Bad{"ready: {tpc: 80, tcp: 80}", "11: unknown key 'tpc' | did you mean 'tcp'?"},
        Bad{"healthcheck: {log: up}",
            "22: a healthcheck has no log probe: a line is said but once | one of tcp, udp, unix, "
            "exec, file"},
        Bad{"healthcheck: {interval: 1s}",
            "16: 'healthcheck' has no probe | one of tcp, udp, unix, exec, file"},
        Bad{"healthcheck: {tcp: 80, interval: 0}",
            "36: expected a time of at least 1ms, found '0'"},
        Bad{"healthcheck: {tcp: 80, retries: 0}",
            "35: expected a number from 1 to 1000, found '0'"}));

TEST(RunMistakes, AreTheOnesOfTheWholeToo) {
  const auto mistakes = [](const std::string& text) { return brief(load_text(text).diagnostics); };
  EXPECT_EQ(mistakes("nodes: {a: {run: [x]}}\n"),
            "1:18: expected a mapping of workloads, found a list\n");
  EXPECT_EQ(mistakes("nodes: {a: {run: {w: }}}\n"),
            "1:22: expected a command or a mapping, found nothing\n");
  EXPECT_EQ(mistakes("nodes: {a: {run: {w: {user: x}}}}\n"), "1:19: there is no command\n");
  EXPECT_EQ(mistakes("nodes: {a: {run: {w: []}}}\n"), "1:22: the command is empty\n");
  EXPECT_EQ(mistakes("nodes: {a: {run: {w: \"a 'b\"}}}\n"),
            "1:22: not a command line: the quote ' is not closed\n");
  EXPECT_EQ(mistakes("nodes: {a: {run: {w: {command: [{}]}}}}\n"),
            "1:33: expected a word of a command, found a mapping\n");
  EXPECT_EQ(
      mistakes("nodes: {a: {run: {w/x: y}}}\n"),
      "1:19: 'w/x' is no name of a workload: only letters, digits, '_' and '-' are allowed\n");
  EXPECT_EQ(mistakes("vars: {W: w}\nnodes: {a: {run: {w: x, \"${W}\": x}}}\n"),
            "2:25: workload 'w' is here twice; first at lab.yaml:2:19\n");
}

TEST(RunMistakes, AreToldAllAtOnce) {
  EXPECT_EQ(brief(load_text("nodes:\n  a:\n    run:\n      w:\n        comand: x\n"
                            "        capabilities: [NOPE_]\n        nice: 99\n")
                      .diagnostics),
            "5:9: unknown key 'comand' | did you mean 'command'?\n"
            "7:15: expected a number from -20 to 19, found '99'\n"
            "6:24: there is no capability 'NOPE_'\n");
}

TEST(RunMistakes, OfDefaults) {
  const auto mistakes = [](const std::string& defaults) {
    return brief(
        load_text("nodes: {a: {run: {x: x, y: x}}}\ndefaults: {" + defaults + "}\n").diagnostics);
  };
  EXPECT_EQ(mistakes("node: {run: {web: x}}"),
            "2:19: 'run' cannot be a default of nodes | what workloads have in common stands in "
            "'defaults: {workload: {…}}'\n");
  for (const std::string key : {"command", "ready", "healthcheck", "after"}) {
    EXPECT_NE(mistakes("workload: {" + key + ": {}}")
                  .find("2:23: '" + key + "' cannot be a default of workloads\n"),
              std::string::npos);
  }
  EXPECT_EQ(mistakes("workload: {usr: x}"), "2:23: unknown key 'usr' | did you mean 'user'?\n");
  EXPECT_EQ(mistakes("workload: []"), "2:22: expected a mapping, found a list\n");
  EXPECT_EQ(mistakes("worklod: {}"), "2:12: unknown key 'worklod' | did you mean 'workload'?\n");
  EXPECT_EQ(mistakes("workload: {limits: {memory: x, swap: 1}}"),
            "2:40: expected a size, found 'x' | bytes, or as in 64K, 512M or 1.5G\n")
      << "once, and nothing that follows from it";
  EXPECT_EQ(mistakes("workload: {capabilities: [NET_ADMN]}"),
            "2:38: there is no capability 'NET_ADMN' | did you mean 'NET_ADMIN'?\n");
}

}  // namespace
}  // namespace netyard::test
