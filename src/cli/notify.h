// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace netyard::cli {

/// Tells the service manager that started us, when it asked to be told (NOTIFY_SOCKET): lines as
/// "READY=1", "STATUS=…", "STOPPING=1". What goes wrong is logged. sd_notify(3).
void notify_service_manager(const std::string& lines);

}  // namespace netyard::cli
