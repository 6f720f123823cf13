// SPDX-License-Identifier: Apache-2.0
// The program between netyard and a workload: a few kilobytes, no libc, no memory of netyard's to
// be spied on. It runs the steps it is given, one system call after the other, then becomes the
// workload, or forks it and stays as pid 1 of its pid namespace.
#include <errno.h>
#include <fcntl.h>
#include <linux/wait.h>
#include <sys/syscall.h>

#include "process/init/program.h"
#include "process/init/syscall.h"

namespace netyard::init {
namespace {

constexpr int kSignals = 64;
constexpr int kDied = 17;  // SIGCHLD
constexpr long kSignalSetSize = 8;
constexpr int kProtectReadWrite = 3;
constexpr int kMapPrivateNow = 0x8002;  // MAP_PRIVATE | MAP_POPULATE

// struct rusage as the kernel lays it out; <linux/resource.h> wants more than we have.
struct Usage {
  long user_s, user_us, system_s, system_us, max_rss, rest[13];
};
struct SignalInfo {
  int number, rest[31];
};

/// An address that came as a number: from the prepared program or from the kernel.
template <typename T>
T* pointer(uint64_t address) {
  return __builtin_bit_cast(T*, address);
}

class Runner {
 public:
  explicit Runner(char* base) : header_(*reinterpret_cast<Header*>(base)) {
    const auto* offsets = reinterpret_cast<const uint64_t*>(base + header_.relocations);
    for (uint32_t i = 0; i < header_.relocation_count; ++i) {
      *reinterpret_cast<uint64_t*>(base + offsets[i]) += reinterpret_cast<uint64_t>(base);
    }
    steps_ = reinterpret_cast<const Step*>(base + header_.steps);
  }

  [[noreturn]] void run() {
    for (index_ = 0; index_ < header_.step_count; ++index_) take(steps_[index_]);
    fail(ENOEXEC, kCannotPrepare);
  }

 private:
  static long argument(const Step& step, int i) {
    const uint64_t value = step.args[i];
    if ((step.loads >> i & 1) != 0) return *pointer<const int>(value);
    return static_cast<long>(value);
  }

  long perform(const Step& step) {
    return raw_call(step.number, argument(step, 0), argument(step, 1), argument(step, 2),
                    argument(step, 3), argument(step, 4), argument(step, 5));
  }

  static long write_file(const Step& step) {
    const long fd = raw_call(SYS_openat, AT_FDCWD, argument(step, 0), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return fd;
    const long written = raw_call(SYS_write, fd, argument(step, 1), argument(step, 2));
    raw_call(SYS_close, fd);
    return written;
  }

  // Every one but SIGKILL and SIGSTOP, which refuse and need it not.
  static long reset_signals() {
    struct {
      unsigned long handler, flags, restorer, mask;
    } fallback = {};
    for (int number = 1; number <= kSignals; ++number) {
      raw_call(SYS_rt_sigaction, number, raw(&fallback), 0, kSignalSetSize);
    }
    return 0;
  }

  void take(const Step& step) {
    switch (step.op) {
      case Op::call:
        return settle(step, perform(step));
      case Op::call_is: {
        const long result = perform(step);
        return settle(step, result < 0 || result == step.expected ? result : -ECANCELED);
      }
      case Op::write_file:
        return settle(step, write_file(step));
      case Op::reset_signals:
        return settle(step, reset_signals());
      case Op::fork:
        return fork(step);
      case Op::execute:
        return execute(step);
      case Op::give_up:
        fail(worst_, worst_ == ENOENT ? kNotFound : kNotExecutable);
      case Op::reap:
        reap(static_cast<int>(argument(step, 0)));
    }
  }

  void settle(const Step& step, long result) {
    if (step.store != 0) *pointer<int>(step.store) = static_cast<int>(result);
    if (result >= 0) return;
    for (const uint16_t tolerated : step.tolerated) {
      if (tolerated != 0 && result == -static_cast<long>(tolerated)) return;
    }
    fail(static_cast<int>(-result), kCannotPrepare);
  }

  void fork(const Step& step) {
    const long child = raw_call(SYS_clone, kDied | argument(step, 0));
    if (child < 0) settle(step, child);
    if (child == 0) return;
    child_ = child;
    index_ = header_.after_fork - 1;
  }

  void execute(const Step& step) {
    const long result = perform(step);
    if (result != -ENOENT && result != -ENOTDIR) worst_ = static_cast<int>(-result);
  }

  [[noreturn]] void fail(int error, int status) {
    const Report report = {index_, error};
    raw_call(SYS_write, header_.report_fd, raw(&report), sizeof report);
    leave(status);
  }

  [[noreturn]] static void leave(int status) {
    for (;;) raw_call(SYS_exit_group, status);
  }

  // All signals are blocked here, as they were in the process that made us.
  [[noreturn]] void reap(int record) {
    const uint64_t all = ~uint64_t{0};
    for (;;) {
      SignalInfo info = {};
      const long number = raw_call(SYS_rt_sigtimedwait, raw(&all), raw(&info), 0, kSignalSetSize);
      if (number == kDied) {
        collect(record);
      } else if (number > 0) {
        raw_call(SYS_kill, child_, number);
      }
    }
  }

  void collect(int record) {
    for (;;) {
      int status = 0;
      const long pid = raw_call(SYS_wait4, -1, raw(&status), WNOHANG, 0);
      if (pid <= 0) return;
      if (pid == child_) finish(record, status);
    }
  }

  [[noreturn]] static void finish(int record, int status) {
    if (record >= 0) {
      Usage usage = {};
      constexpr long kChildren = -1;
      constexpr uint64_t kMicro = 1000000;
      raw_call(SYS_getrusage, kChildren, raw(&usage));
      const ExitRecord out = {
          kMagic, status,
          static_cast<uint64_t>(usage.user_s) * kMicro + static_cast<uint64_t>(usage.user_us),
          static_cast<uint64_t>(usage.system_s) * kMicro + static_cast<uint64_t>(usage.system_us),
          static_cast<uint64_t>(usage.max_rss)};
      raw_call(SYS_write, record, raw(&out), sizeof out);
    }
    const int signal = status & 0x7f;
    leave(signal != 0 ? 128 + signal : status >> 8 & 0xff);
  }

  Header& header_;
  const Step* steps_;
  uint32_t index_ = 0;
  long child_ = 0;
  int worst_ = ENOENT;
};

int number_in(const char* text) {
  int value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) value = value * 10 + (*text - '0');
  return value;
}

}  // namespace

// argv: the name to be seen, the descriptor of the block.
extern "C" [[noreturn]] void netyard_init(long* stack) {
  const long argc = stack[0];
  char** argv = reinterpret_cast<char**>(stack + 1);
  constexpr int kWrongUse = 125;
  for (;;) {
    if (argc < 2) raw_call(SYS_exit_group, kWrongUse);
    const int fd = number_in(argv[1]);
    Header header = {};
    const long got = raw_call(SYS_pread64, fd, raw(&header), sizeof header, 0);
    if (got != sizeof header || header.magic != kMagic) raw_call(SYS_exit_group, kWrongUse);
    const long base = raw_call(SYS_mmap, 0, static_cast<long>(header.size), kProtectReadWrite,
                               kMapPrivateNow, fd, 0);
    if (base < 0) raw_call(SYS_exit_group, kWrongUse);
    Runner(pointer<char>(static_cast<uint64_t>(base))).run();
  }
}

}  // namespace netyard::init

// The stack as the kernel leaves it: argc, argv…; the ABI wants it aligned.
#if defined(__x86_64__)
__asm__(
    ".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call netyard_init\n");
#else
__asm__(
    ".globl _start\n"
    "_start:\n"
    "  mov x29, #0\n"
    "  mov x0, sp\n"
    "  and sp, x0, #-16\n"
    "  bl netyard_init\n");
#endif

// The compiler may call these for structures, libc or not.
extern "C" void* memset(void* to, int value, unsigned long size) {
  auto* bytes = static_cast<volatile unsigned char*>(to);
  for (unsigned long i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(value);
  return to;
}
extern "C" void* memcpy(void* to, const void* from, unsigned long size) {
  auto* bytes = static_cast<volatile unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  for (unsigned long i = 0; i < size; ++i) bytes[i] = source[i];
  return to;
}
