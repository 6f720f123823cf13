// SPDX-License-Identifier: Apache-2.0
// Times the library's spawn() in a process that lives on. Usage: spawn_library COUNT PAUSE_MS MODE
// NETNS PROGRAM; prints the microseconds of each start, to the end of the program, as JSON. MODE is
// "spawn", "prepare" (each time anew), "limits" (each in a cgroup of its own), "large" (the process
// has touched 1 GiB), or "filter", which writes the seccomp program to standard output instead.
// NETNS is a file, or "-" for a network namespace of its own.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "process/cgroup.h"
#include "process/prepared.h"
#include "process/spawn.h"

namespace {

using namespace netyard;

constexpr std::size_t kLarge = std::size_t{1} << 30;
constexpr std::size_t kPage = 4096;
constexpr std::uint64_t kMemory = std::uint64_t{64} << 20;
constexpr std::uint32_t kPids = 16;
constexpr auto kPatience = std::chrono::seconds(1);

// Small pages: one entry of the page table each, which a fork would copy.
void touch_memory() {
  void* memory = mmap(nullptr, kLarge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw system_error("allocate", "1 GiB");
  madvise(memory, kLarge, MADV_NOHUGEPAGE);
  auto* bytes = static_cast<volatile char*>(memory);
  for (std::size_t at = 0; at < kLarge; at += kPage) bytes[at] = 1;
}

int wait_for(const Process& process) {
  siginfo_t info{};
  while (waitid(P_PIDFD, static_cast<id_t>(process.pidfd.get()), &info, WEXITED) < 0 &&
         errno == EINTR) {
  }
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

class Bench {
 public:
  Bench(std::string mode, const std::string& netns, const std::string& program)
      : mode_(std::move(mode)) {
    workload_.argv = {program};
    if (mode_ == "limits") {
      workload_.limits.memory = kMemory;
      workload_.limits.pids = kPids;
    }
    if (netns == "-") {
      options_.new_netns = true;
    } else {
      netns_ = open_file(netns, O_RDONLY);
      options_.netns_fd = netns_.get();
    }
    prepared_ = prepare(workload_);
    if (mode_ == "large") touch_memory();
  }

  void write_filter() const {
    const auto& filter = prepared_.filter;
    write_all(
        STDOUT_FILENO,
        std::string(reinterpret_cast<const char*>(filter.data()), filter.size() * sizeof filter[0]),
        "standard output");
  }

  int once() {
    if (mode_ == "prepare") prepared_ = prepare(workload_);
    if (mode_ != "limits") return wait_for(spawn(prepared_, options_));
    const Cgroup group = Cgroup::create("bench", workload_.limits, true);
    options_.cgroup = &group;
    const int status = wait_for(spawn(prepared_, options_));
    group.kill(kPatience);
    group.remove();
    return status;
  }

 private:
  std::string mode_;
  Workload workload_;
  Prepared prepared_;
  FileDescriptor netns_;
  SpawnOptions options_;
};

int run(char** argv) {
  using Clock = std::chrono::steady_clock;
  const int count = std::atoi(argv[1]);
  const auto pause = static_cast<useconds_t>(std::atoi(argv[2])) * 1000;
  Bench bench(argv[3], argv[4], argv[5]);
  if (std::string(argv[3]) == "filter") {
    bench.write_filter();
    return 0;
  }
  for (int i = 0; i < count; ++i) {
    usleep(pause);
    const auto start = Clock::now();
    const int status = bench.once();
    const std::chrono::duration<double, std::micro> took = Clock::now() - start;
    if (status != 0) return status;
    std::printf("%s%.1f", i == 0 ? "[" : ", ", took.count());
  }
  std::puts("]");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  try {
    return run(argv);
  } catch (const Error& error) {
    std::fputs(error.render().c_str(), stderr);
    return 1;
  }
}
