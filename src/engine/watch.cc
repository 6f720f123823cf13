// SPDX-License-Identifier: Apache-2.0
#include "engine/watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <vector>

#include "base/error.h"
#include "netns/namespace.h"
#include "topology/spec.h"

namespace netyard {
namespace {

constexpr auto kQuiet = std::chrono::milliseconds(50);
constexpr auto kBetweenLooks = std::chrono::milliseconds(200);  // between looks at `interrupted`

}  // namespace

LabWatch::LabWatch(const LabRecord& record) : files_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!files_) throw system_error("watch", kRunDirectory);
  for (const char* directory : {kNetnsDirectory, kRunDirectory}) {
    inotify_add_watch(files_.get(), directory, IN_CREATE | IN_DELETE | IN_MOVED_TO);
  }
  const auto monitor = [&](const std::string& node) {
    monitors_.push_back(Monitor::of_links());
    if (record.rulesets.contains(node)) monitors_.push_back(Monitor::of_nftables());
  };
  if (!record.host_pairs.empty() || !record.host_table.empty()) monitor(spec::kHostNode);
  for (const auto& node : record.nodes) {
    try {
      const NamespaceScope inside(open_namespace(node.netns).get());
      monitor(node.name);
    } catch (const Error& error) {
      if (error.code() == EPERM || error.code() == EACCES) throw;  // else it is gone
    }
  }
}

bool LabWatch::drain() {
  char buffer[4096];
  bool any = false;
  while (read(files_.get(), buffer, sizeof buffer) > 0) any = true;
  for (auto& monitor : monitors_) any |= monitor.drain();
  return any;
}

bool LabWatch::poll_all(std::chrono::milliseconds patience) {
  std::vector<pollfd> fds = {{files_.get(), POLLIN, 0}};
  for (const auto& monitor : monitors_) fds.push_back({monitor.fd(), POLLIN, 0});
  return poll(fds.data(), fds.size(), static_cast<int>(patience.count())) > 0;
}

void LabWatch::wait(const std::function<bool()>& interrupted) {
  while (!interrupted() && !(poll_all(kBetweenLooks) && drain())) continue;
  while (!interrupted() && poll_all(kQuiet)) drain();
}

}  // namespace netyard
