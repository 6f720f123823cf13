// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>  // the freestanding init has no <cstdint> to lean on

/// What netyard tells its init to do, as one relocatable block of memory: a Header, the steps, and
/// the bytes they point at. Written by StepList (steps.h), run by init.cc.
namespace netyard::init {

inline constexpr uint64_t kMagic = 0x3164726179746e31;
inline constexpr int kMostTolerated = 3;

// Exit statuses of a workload that did not come to be.
inline constexpr int kCannotPrepare = 125;
inline constexpr int kNotExecutable = 126;
inline constexpr int kNotFound = 127;

enum class Op : uint8_t {
  call,           // system call `number` with args; a result below 0 fails unless tolerated
  call_is,        // the same, and the result must be `expected`
  write_file,     // args: path, text, length: open, write, close
  reset_signals,  // every disposition back to default
  fork,  // args[0]: more clone flags. The child goes on; the parent continues at Header::after_fork
  execute,  // args: path, argv, envp; comes back only when that failed
  give_up,  // no `execute` before this one found its file
  reap      // args[0]: exit record fd, or -1. Forwards signals, reaps, ends with the child
};

struct Step {
  Op op;
  uint8_t loads;  // bit i: args[i] points at an int that an earlier step stored
  uint16_t tolerated[kMostTolerated];
  uint32_t number;
  int32_t expected;
  uint64_t store;  // pointer to the int that takes the result; 0: nowhere
  uint64_t args[6];
};

struct Header {
  uint64_t magic;
  uint64_t size;   // of the whole block
  uint64_t steps;  // offset of the first
  uint32_t step_count;
  uint32_t after_fork;   // step that the forking process goes on with
  uint64_t relocations;  // offset of an array of offsets: the uint64_t there gets the base added
  uint32_t relocation_count;
  int32_t report_fd;  // a Report is written here when a step fails
};

/// A step that failed.
struct Report {
  uint32_t step;
  int32_t error;
};

/// How the workload ended, from its init.
struct ExitRecord {
  uint64_t magic;
  int64_t wait_status;  // as wait(2) gives it
  uint64_t user_us;     // processor time of the workload and all that init reaped, microseconds
  uint64_t system_us;
  uint64_t max_rss_kib;
};

}  // namespace netyard::init
