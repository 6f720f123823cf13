// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <functional>

#include "base/file_descriptor.h"
#include "engine/record.h"
#include "netlink/monitor.h"

namespace netyard {

/// Waits for changes in the namespaces of a lab, and of its namespaces and record, without polling.
class LabWatch {
 public:
  /// Everything from now on counts. Throws Error.
  explicit LabWatch(const LabRecord& record);

  /// Returns when something happened and a moment of quiet followed, or `interrupted` says true.
  void wait(const std::function<bool()>& interrupted);

 private:
  bool drain();
  bool poll_all(std::chrono::milliseconds patience);

  std::deque<Monitor> monitors_;
  FileDescriptor files_;  // inotify
};

}  // namespace netyard
