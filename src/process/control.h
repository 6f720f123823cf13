// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "process/service_state.h"

namespace netyard {

/// What a supervisor is asked for. Each request is answered once it is done.
struct ControlRequest {
  enum class Verb {
    wait,     // until all services that were started are ready or over
    start,    // and wait until they are
    stop,     // and wait until they are over
    restart,  // and wait until they are ready
    freeze,   // processes stand still
    thaw,
    shut_down  // stop all in reverse order, then end the supervisor
  };
  Verb verb = Verb::wait;
  std::vector<std::string> services;  // "NODE/NAME"; empty: all
};

/// What became of a service that did not become what was asked for.
struct ControlFailure {
  std::string service;
  std::string reason;
};
struct ControlAnswer {
  std::vector<ControlFailure> failures;
};

/// One datagram each way over the supervisor's socket.
std::string to_text(const ControlRequest& request);
std::string to_text(const ControlAnswer& answer);
/// Throws Error for text that is none.
ControlRequest request_from(const std::string& text);
ControlAnswer answer_from(const std::string& text);

/// True when a supervisor listens.
bool supervisor_runs(const ServiceFiles& files);
/// Sends a request and waits for the answer; nullopt when `interrupted` said true first, or the
/// time is over. Throws Error: no supervisor, or it went away.
std::optional<ControlAnswer> ask_supervisor(const ServiceFiles& files,
                                            const ControlRequest& request,
                                            const std::function<bool()>& interrupted,
                                            std::optional<std::chrono::milliseconds> timeout = {});

}  // namespace netyard
