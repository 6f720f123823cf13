// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace netyard {

/// Both ends of a pipe(2), closed on exec.
struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

/// Throws Error.
inline Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) throw system_error("make", "pipe");
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace netyard
