// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace netyard::cli {

/// From now on SIGINT, SIGTERM and SIGHUP are remembered, not obeyed: long work asks and stops
/// cleanly.
void catch_interrupts();
/// The signal that came, or 0.
int interrupted_by();
/// Returns when a signal comes, or after `patience`.
void wait_for_interrupt(std::chrono::milliseconds patience);

}  // namespace netyard::cli
