// SPDX-License-Identifier: Apache-2.0
#include "engine/enter.h"

#include "engine/find.h"
#include "netns/namespace.h"
#include "process/command.h"

namespace netyard {

int exec_in_node(const std::string& lab, const std::string& node,
                 const std::vector<std::string>& argv, std::string& failure) {
  const FoundNode found = find_node(lab, node);
  return exec_command({argv, found.netns, found.fd.get()}, failure);
}

int exec_in_namespace(const std::string& name, const std::vector<std::string>& argv,
                      std::string& failure) {
  const FileDescriptor fd = open_namespace(name);
  return exec_command({argv, name, fd.get()}, failure);
}

}  // namespace netyard
