// SPDX-License-Identifier: Apache-2.0
#include "process/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/error.h"

namespace netyard {

PseudoTerminal::PseudoTerminal() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  constexpr std::size_t kLongestPath = 64;
  char name[kLongestPath];
  if (!master_ || grantpt(master_.get()) < 0 || unlockpt(master_.get()) < 0 ||
      ptsname_r(master_.get(), name, sizeof name) != 0) {
    throw system_error("open", "a pseudo-terminal");
  }
  path_ = name;
  slave_ = open_file(path_, O_RDWR | O_NOCTTY);
}

void PseudoTerminal::resize_like(int terminal) const {
  winsize size{};
  if (ioctl(terminal, TIOCGWINSZ, &size) == 0) ioctl(master_.get(), TIOCSWINSZ, &size);
}

RawMode::RawMode(int terminal) : terminal_(terminal) {
  if (tcgetattr(terminal, &before_) < 0) return;
  termios raw = before_;
  cfmakeraw(&raw);
  changed_ = tcsetattr(terminal, TCSADRAIN, &raw) == 0;
}

RawMode::~RawMode() {
  if (changed_) tcsetattr(terminal_, TCSADRAIN, &before_);
}

}  // namespace netyard
