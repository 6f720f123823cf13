// SPDX-License-Identifier: Apache-2.0
#include "netns-fixtures/confine.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "process/spawn.h"

// The probe, a program of its own, as bytes of this one.
__asm__(".section .rodata\nnetyard_probe_begin:\n.incbin \"" NETYARD_PROBE
        "\"\nnetyard_probe_end:\n.previous\n");
extern "C" const char netyard_probe_begin[];
extern "C" const char netyard_probe_end[];

namespace netyard::test {
namespace {

constexpr std::size_t kMost = std::size_t{4} << 20;

/// Standard input from nothing, output and error into memory, as long as it lives.
class Captured {
 public:
  Captured() : memory_(memfd_create("output", MFD_CLOEXEC)) {
    fflush(nullptr);
    const FileDescriptor nothing = open_file("/dev/null", O_RDWR);
    for (int fd = 0; fd < kCount; ++fd) {
      before_[fd] = FileDescriptor(fcntl(fd, F_DUPFD_CLOEXEC, kCount));
      dup2(fd == 0 ? nothing.get() : memory_.get(), fd);
    }
  }
  ~Captured() { restore(); }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  std::string take() {
    restore();
    std::string out(static_cast<std::size_t>(lseek(memory_.get(), 0, SEEK_END)), '\0');
    out.resize(static_cast<std::size_t>(pread(memory_.get(), out.data(), out.size(), 0)));
    return out;
  }

 private:
  static constexpr int kCount = 3;
  void restore() {
    fflush(nullptr);
    for (int fd = 0; fd < kCount; ++fd) {
      if (before_[fd]) dup2(before_[fd].get(), fd);
      before_[fd].reset();
    }
  }
  FileDescriptor memory_;
  FileDescriptor before_[kCount];
};

Ran problems_of(const RunRequest& request) {
  Ran out;
  for (const auto& problem : check_run(request)) out.error += problem.message + "\n";
  if (!out.error.empty()) out.status = 125;
  return out;
}

}  // namespace

bool is_real_root() {
  static const bool real = [] {
    std::istringstream map(read_file("/proc/self/uid_map", kMost));
    unsigned long inside = 0, outside = 0, count = 0;
    map >> inside >> outside >> count;
    return geteuid() == 0 && inside == outside && count == 0xffffffffUL;
  }();
  return real;
}

std::map<std::string, std::string> Ran::attempts() const {
  std::map<std::string, std::string> out;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = line.find(' ');
    if (blank != std::string::npos) out[line.substr(0, blank)] = line.substr(blank + 1);
  }
  return out;
}

bool has_i386_calls() {
#if defined(__x86_64__)
  static const bool has = [] {
    const pid_t child = fork();
    if (child == 0) {
      long number = 20;  // getpid
      __asm__ volatile("int $0x80" : "+a"(number) : : "memory", "r8", "r9", "r10", "r11");
      _exit(number > 0 ? 0 : 1);
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }();
  return has;
#else
  return false;
#endif
}

void ConfineTest::SetUp() {
  NetnsTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  probe_path();
  // The first one opens what is kept for all: the init.
  static const Ran first = shell("true");
  ASSERT_EQ(first.status, 0) << first.error;
  CleanNetnsTest::SetUp();
}

void RootConfineTest::SetUp() {
  ConfineTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  if (!is_real_root()) GTEST_SKIP() << "needs root outside of user namespaces";
}

const std::string& ConfineTest::probe_path() {
  static const std::string path = "/run/probe";
  if (access(path.c_str(), X_OK) != 0) {
    const FileDescriptor file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    write_all(file.get(), {netyard_probe_begin, netyard_probe_end}, path);
    fchmod(file.get(), 0755);
  }
  return path;
}

std::string ConfineTest::read_text(const std::string& path) {
  return read_file(path, kMost);
}

std::string ConfineTest::make_rootfs() {
  const std::string path = "/run/rootfs";
  netyard::test::run("rm -rf " + path);
  mkdir(path.c_str(), 0755);
  mkdir((path + "/etc").c_str(), 0755);
  mkdir((path + "/tmp").c_str(), 0777);
  const FileDescriptor file = open_file(path + "/probe", O_WRONLY | O_CREAT, 0755);
  write_all(file.get(), {netyard_probe_begin, netyard_probe_end}, path);
  fchmod(file.get(), 0755);
  return path;
}

Ran ConfineTest::run(RunRequest request) {
  Ran out = problems_of(request);
  if (!out.error.empty()) return out;
  request.refused = [&out](const RefusedCall& call) { out.refused.push_back(call); };
  Captured captured;
  try {
    const RunReport report = run_workload(request);
    out.status = report.ending.status;
    out.signal = report.ending.signal;
    out.timed_out = report.timed_out;
    out.usage = report.usage;
    out.complaint = report.complaint();
  } catch (const SpawnError& error) {
    out.status = error.status();
    out.error = error.what();
  } catch (const Error& error) {
    out.status = 125;
    out.error = error.what();
  }
  out.output = captured.take();
  return out;
}

Ran ConfineTest::run(Workload workload) {
  RunRequest request;
  request.workload = std::move(workload);
  return run(std::move(request));
}

Ran ConfineTest::shell(const std::string& line, Workload workload) {
  workload.argv = {"sh", "-c", line};
  return run(std::move(workload));
}

Ran ConfineTest::probe(const std::vector<std::string>& attempts, Workload workload) {
  workload.argv = {workload.rootfs.empty() ? kProbe : "/probe"};
  workload.argv.insert(workload.argv.end(), attempts.begin(), attempts.end());
  if (workload.rootfs.empty()) {
    workload.mounts.push_back({Mount::Kind::bind, probe_path(), kProbe, true, {}});
  }
  return run(std::move(workload));
}

std::string ConfineTest::attempt(const std::string& what, Workload workload) {
  Ran ran = probe({what}, std::move(workload));
  const auto found = ran.attempts();
  const auto line = found.find(what);
  if (line != found.end()) return line->second;
  return "status " + std::to_string(ran.status) + " " + ran.error + ran.output;
}

}  // namespace netyard::test
