// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

#include <string>

#include "base/file_descriptor.h"

namespace netyard {

/// A pseudo-terminal of a workload's own, so that it has job control and cannot reach the user's
/// terminal (TIOCSTI).
class PseudoTerminal {
 public:
  /// Throws Error.
  PseudoTerminal();
  int master() const { return master_.get(); }
  int slave() const { return slave_.get(); }
  const std::string& path() const { return path_; }
  void close_slave() { slave_.reset(); }
  /// Gives it the size of another terminal.
  void resize_like(int terminal) const;

 private:
  FileDescriptor master_, slave_;
  std::string path_;
};

/// Keeps a terminal in raw mode as long as it lives: every key goes through.
class RawMode {
 public:
  explicit RawMode(int terminal);
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  int terminal_;
  bool changed_ = false;
  termios before_{};
};

}  // namespace netyard
