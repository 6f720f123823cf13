// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.h"

#include <poll.h>
#include <signal.h>

#include <array>

namespace netyard::cli {
namespace {

volatile sig_atomic_t caught = 0;
constexpr std::array kCaught = {SIGINT, SIGTERM, SIGHUP};

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int number) { caught = number; };
  for (const int number : kCaught) sigaction(number, &action, nullptr);
}

int interrupted_by() {
  return caught;
}

void wait_for_interrupt(std::chrono::milliseconds patience) {
  // Blocked between the question and the wait, so that none comes in between unseen.
  sigset_t ours, before;
  sigemptyset(&ours);
  for (const int number : kCaught) sigaddset(&ours, number);
  sigprocmask(SIG_BLOCK, &ours, &before);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timespec time = {seconds.count(), std::chrono::nanoseconds(patience - seconds).count()};
  if (caught == 0) ppoll(nullptr, 0, &time, &before);
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace netyard::cli
