// SPDX-License-Identifier: Apache-2.0
#include "engine/remains.h"

#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/directory.h"
#include "engine/etc_files.h"
#include "engine/executor.h"
#include "engine/host_table.h"
#include "engine/instance.h"
#include "engine/namespace_mark.h"
#include "engine/real_kernel.h"
#include "process/cgroup.h"

namespace netyard {
namespace {

constexpr auto kPatienceWithGroups = std::chrono::seconds(10);
// Of what a lab has in /run/netyard. `.json` may be damaged, the others outlive a killed command.
constexpr const char* kEndings[] = {".json", ".json.new", ".sources", ".sources.new",
                                    ".lock", ".etc",      ".d"};

Cgroup group_of(const std::string& lab) {
  Cgroup group = Cgroup::find(cgroup_scope() + lab);
  return group.made_here() ? std::move(group) : Cgroup();
}

std::string command_of(int pid) {
  try {
    std::string name = read_file("/proc/" + std::to_string(pid) + "/comm", 64);
    if (!name.empty() && name.back() == '\n') name.pop_back();
    return name;
  } catch (const Error&) {
    return "?";  // ended meanwhile
  }
}

void add_from_run_directory(std::set<std::string>& labs) {
  for (const auto& name : names_in(kRunDirectory)) {
    for (const std::string ending : kEndings) {
      if (name.size() <= ending.size() || !name.ends_with(ending)) continue;
      labs.insert(name.substr(0, name.size() - ending.size()));
    }
  }
}

}  // namespace

bool Remains::empty() const {
  return namespaces.empty() && files.empty() && links.empty() && group.empty() && table.empty();
}

Remains find_remains(const std::string& lab) {
  Remains out;
  for (const auto& found : marked_namespaces(lab)) out.namespaces.push_back(found.netns);
  for (const char* ending : kEndings) {
    const std::string path = run_file(lab, ending);
    if (is_there(path)) out.files.push_back(path);
  }
  out.links = etc_links_of(lab);
  if (const Cgroup group = group_of(lab)) {
    out.group = lab;
    for (const pid_t pid : group.processes()) out.processes.emplace_back(pid, command_of(pid));
  }
  out.table = host_table_of(lab);
  return out;
}

std::vector<std::string> labs_with_remains() {
  std::set<std::string> labs = marked_labs();
  add_from_run_directory(labs);
  for (const auto& name : Cgroup::children("")) {
    if (Cgroup::find(name).made_here()) labs.insert(name);
  }
  for (const auto& lab : labs_with_host_table()) labs.insert(lab);
  for (const auto& lab : labs_with_etc_links()) labs.insert(lab);
  // Of one-time commands (run.h), which the next one clears, and of labs below labs.
  std::erase_if(labs, [](const std::string& name) { return name == "run" || name[0] == '@'; });
  return {labs.begin(), labs.end()};
}

std::vector<Leftover> remove_remains(const std::string& lab) {
  const FoundRecord found = find_record(lab);
  LabRecord record;
  record.name = lab;
  if (found.state == RecordState::lost) record = found.record;
  record.host_table = host_table_of(lab);
  const Topology nothing;
  RealKernel kernel(nothing);
  std::vector<Leftover> left = tear_down(kernel, record);
  const Cgroup group = group_of(lab);
  if (group && !(group.kill(kPatienceWithGroups) && group.remove())) {
    left.push_back(
        {"cgroup netyard/" + lab,
         Error(EBUSY, "remove cgroup", "netyard/" + lab).reason("processes in it did not end")});
  }
  if (left.empty()) remove_record(lab);
  return left;
}

}  // namespace netyard
