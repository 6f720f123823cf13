// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file_descriptor.h"
#include "process/service_state.h"

namespace netyard {

/// Looks after the services of one lab (services.json in the directory) until it is asked to shut
/// down. Takes over what an earlier supervisor left. One thread; one at a time, by a lock: EBUSY.
/// `listening` is closed as soon as requests are heard. Throws Error.
void supervise(const ServiceFiles& files, FileDescriptor listening);

/// Starts a supervisor as a process of its own (`PROGRAM supervise DIRECTORY`) unless one runs, and
/// returns when it listens. Throws Error with what it said when it does not.
void ensure_supervisor(const ServiceFiles& files, const std::string& program);

}  // namespace netyard
