// SPDX-License-Identifier: Apache-2.0
#include "engine/ephemeral.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "engine/guard.h"
#include "engine/instance.h"
#include "netns/namespace.h"
#include "process/attend.h"
#include "process/init/program.h"
#include "process/pipe.h"

namespace netyard {
namespace {

constexpr unsigned long kPlain = MS_NOSUID | MS_NODEV;

void mount_fresh(const char* type, const char* where, unsigned long flags, const char* options) {
  if (mount(type, where, type, flags, options) < 0) {
    throw system_error(std::string("mount ") + type + " on", where);
  }
}

// nullopt: the lab is up.
std::optional<int> bring_up(const EphemeralRun& run, const CallersSignals& signals) {
  run.listen();
  signals.unblock();
  const auto failed = run.bring_up();
  signals.block();
  const int interrupted = run.interrupted();
  if (failed || interrupted == 0) return failed;
  run.take_down();
  return 128 + interrupted;
}

// The first process of the pid namespace, until the lab is gone.
[[noreturn]] void live(const EphemeralRun& run, const CallersSignals& signals, int report) {
  int status = 0;
  bool left = false;
  try {
    // Apart from the guard's, which is of another pid namespace; mounts on /run/netns are shared.
    if (unshare(CLONE_NEWNS) < 0) throw system_error("create", "mount namespace");
    mount_fresh("proc", "/proc", kPlain | MS_NOEXEC, nullptr);
    if (const auto failed = bring_up(run, signals)) {
      status = *failed;
    } else {
      setenv(kLabVariable, run.lab.topology.name.c_str(), 1);
      status = run_as_init(run.argv, signals);
      left = !run.take_down();
    }
  } catch (const Error& error) {
    std::fputs((std::string("netyard: ") + error.what() + "\n").c_str(), stderr);
    status = init::kCannotPrepare;
  }
  const char byte = left ? '1' : '0';
  if (write(report, &byte, 1) < 0) status = init::kCannotPrepare;
  std::fflush(stdout);
  _exit(status);
}

// /run/netns, /run/netyard and /etc/netns are this process's own from now on.
void hide_names(const std::string& scope) {
  if (unshare(CLONE_NEWNS) < 0) {
    Error error = system_error("create", "mount namespace");
    if (error.code() == EPERM) error.hint("this needs CAP_SYS_ADMIN: run netyard as root");
    throw error;
  }
  // What the host mounts later is seen, what we mount is not.
  if (mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) < 0) {
    throw system_error("detach", "mounts");
  }
  for (const char* directory : kCoveredDirectories) {
    if (access(directory, F_OK) == 0) mount_fresh("tmpfs", directory, kPlain, "mode=0755");
  }
  if (mount("", kNetnsDirectory, nullptr, MS_SHARED, nullptr) < 0) {
    throw system_error("share mounts of", kNetnsDirectory);
  }
  write_cgroup_scope(scope);
}

}  // namespace

EphemeralResult run_ephemeral(const EphemeralRun& run) {
  const CallersSignals signals;
  const ForegroundGroup terminal;
  sweep_instances();
  Guard guard(run.instance, make_record(run.lab.topology, run.lab.path));
  const std::string scope = cgroup_scope() + "@" + run.instance + "/";
  hide_names(scope);
  guard.join();
  Pipe report = make_pipe(), go = make_pipe();
  const pid_t init = fork_init();
  if (init == 0) {
    char byte = 0;
    // Ended without a word: our maker was killed before the guard knew of us.
    go.write.reset();
    if (read(go.read.get(), &byte, 1) != 1) _exit(init::kCannotPrepare);
    live(run, signals, report.write.get());
  }
  report.write.reset();
  guard.watch(init);
  pass_on_what_came(init, signals);
  if (write(go.write.get(), "", 1) < 0) throw system_error("begin", "ephemeral lab");
  EphemeralResult out;
  out.status = follow_init(init, signals);
  char byte = '0';
  out.left = read(report.read.get(), &byte, 1) == 1 && byte == '1';
  out.rest = guard.finish();
  return out;
}

}  // namespace netyard
