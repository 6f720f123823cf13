// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace netyard {

// What `netyard ns` does: named namespaces, the same that ip-netns(8) works on. Everything throws
// Error.

/// A namespace under /run/netns, or a stale file there.
struct NamedNamespace {
  std::string name;
  bool stale = false;
  std::optional<int> id;  // as the caller's namespace knows it
  std::vector<std::pair<pid_t, std::string>> processes;
  std::string lab;  // that it belongs to, or ""
};

/// Makes a namespace with lo up.
void add_namespace(const std::string& name);
void delete_namespace(const std::string& name);
std::vector<NamedNamespace> list_namespaces();
/// Gives the namespace of a process a name.
void attach_namespace(const std::string& name, pid_t pid);
std::vector<std::pair<pid_t, std::string>> namespace_processes(const std::string& name);
/// Names of the namespace that a process is in.
std::vector<std::string> names_of_process(pid_t pid);

}  // namespace netyard
