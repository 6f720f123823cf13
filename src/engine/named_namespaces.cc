// SPDX-License-Identifier: Apache-2.0
#include "engine/named_namespaces.h"

#include <map>

#include "engine/namespace_mark.h"
#include "engine/record.h"
#include "netlink/link.h"
#include "netlink/namespace_id.h"
#include "netns/pin.h"
#include "netns/processes.h"

namespace netyard {
namespace {

std::map<std::string, std::string> labs_by_namespace() {
  std::map<std::string, std::string> out;
  for (const auto& lab : recorded_labs()) {
    try {
      const auto record = load_record(lab);
      if (!record) continue;
      for (const auto& node : record->nodes) out[node.netns] = lab;
    } catch (const Error&) {
      continue;  // `netyard ls` speaks of records that cannot be read
    }
  }
  // Without a record the mark still tells whose it is.
  for (const auto& lab : marked_labs(recorded_labs())) {
    for (const auto& found : marked_namespaces(lab)) out.emplace(found.netns, lab);
  }
  return out;
}

bool same(const NamespaceIdentity& a, const NamespaceIdentity& b) {
  return a.device == b.device && a.inode == b.inode;
}

}  // namespace

void add_namespace(const std::string& name) {
  prepare_netns_directory();
  const FileDescriptor home = current_namespace();
  FileDescriptor made;
  {
    // The scope is made at home, and takes the thread back from the namespace it is left in.
    const NamespaceScope back(home.get());
    made = create_pinned_namespace(name);
  }
  try {
    const NamespaceScope inside(made.get());
    LinkChange up;
    up.ifindex = kLoopback;
    up.up = true;
    const Ack ack = Socket().request(change_link(up));
    if (!ack.ok()) throw_refused(ack, "bring up lo in", name);
  } catch (const Error&) {
    unpin_namespace(name);
    throw;
  }
}

void delete_namespace(const std::string& name) {
  unpin_namespace(name);
}

std::vector<NamedNamespace> list_namespaces() {
  const auto labs = labs_by_namespace();
  const auto processes = processes_by_namespace();
  Socket socket;
  std::vector<NamedNamespace> out;
  for (const auto& entry : list_pinned()) {
    NamedNamespace named;
    named.name = entry.name;
    named.stale = !entry.is_namespace;
    if (const auto lab = labs.find(entry.name); lab != labs.end()) named.lab = lab->second;
    if (entry.is_namespace) {
      named.id = namespace_id(socket, open_namespace(entry.name).get());
      for (const auto& process : processes) {
        if (same(process.identity, entry.identity)) {
          named.processes.emplace_back(process.pid, process.command);
        }
      }
    }
    out.push_back(std::move(named));
  }
  return out;
}

void attach_namespace(const std::string& name, pid_t pid) {
  const FileDescriptor fd = open_process_namespace(pid);
  prepare_netns_directory();
  pin_namespace(fd.get(), name);
}

std::vector<std::pair<pid_t, std::string>> namespace_processes(const std::string& name) {
  const NamespaceIdentity wanted = identify(open_namespace(name).get());
  std::vector<std::pair<pid_t, std::string>> out;
  for (const auto& process : processes_by_namespace()) {
    if (same(process.identity, wanted)) out.emplace_back(process.pid, process.command);
  }
  return out;
}

std::vector<std::string> names_of_process(pid_t pid) {
  const NamespaceIdentity wanted = identify(open_process_namespace(pid).get());
  std::vector<std::string> out;
  for (const auto& entry : list_pinned()) {
    if (entry.is_namespace && same(entry.identity, wanted)) out.push_back(entry.name);
  }
  return out;
}

}  // namespace netyard
