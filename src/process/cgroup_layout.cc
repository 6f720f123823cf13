// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/error.h"
#include "process/cgroup.h"

namespace netyard {
namespace {

constexpr std::size_t kLargestTable = std::size_t{64} << 20;

struct MountLine {
  std::string root, point, type, options;
};

// proc(5): "36 35 98:0 /root /point options [fields] - type source super-options".
bool parse_mount(const std::string& line, MountLine& out) {
  std::istringstream words(line);
  std::string skipped;
  words >> skipped >> skipped >> skipped >> out.root >> out.point;
  while (words >> skipped && skipped != "-") {
  }
  return static_cast<bool>(words >> out.type >> skipped >> out.options);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, separator);) {
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

// Hierarchy by its controllers ("" for version 2) to the own path in it.
std::map<std::string, std::string> parse_own(const std::string& text) {
  std::map<std::string, std::string> out;
  for (const auto& line : split(text, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    for (const auto& controller : split(line.substr(first + 1, second - first - 1) + ",", ',')) {
      out[controller] = line.substr(second + 1);
    }
    if (second == first + 1) out[""] = line.substr(second + 1);
  }
  return out;
}

// The path of `own` below the mount, which may show a part of the hierarchy only.
std::string below(const MountLine& mount, const std::string& own) {
  if (mount.root == "/") return own == "/" ? mount.point : mount.point + own;
  if (own == mount.root || !own.starts_with(mount.root + "/")) return mount.point;
  return mount.point + own.substr(mount.root.size());
}

// What version 1 controllers are called in a file of ours: the name version 2 has.
std::string modern(const std::string& controller) {
  return controller == "blkio" ? "io" : controller;
}

}  // namespace

CgroupLayout CgroupLayout::detect() {
  CgroupLayout out = parse(read_file("/proc/self/mountinfo", kLargestTable),
                           read_file("/proc/self/cgroup", kLargestTable), geteuid() == 0);
  for (auto& hierarchy : out.hierarchies_) {
    if (!hierarchy.unified) continue;
    std::string text = read_file(hierarchy.base + "/cgroup.controllers", kLargestTable);
    std::replace(text.begin(), text.end(), '\n', ' ');
    hierarchy.controllers = split(text, ' ');
  }
  return out;
}

CgroupLayout CgroupLayout::parse(const std::string& mountinfo, const std::string& own,
                                 bool privileged) {
  static const std::vector<std::string> kUseful = {"memory", "cpu",   "cpuacct", "cpuset",
                                                   "pids",   "blkio", "freezer"};
  const auto paths = parse_own(own);
  CgroupLayout out;
  for (const auto& line : split(mountinfo, '\n')) {
    MountLine mount;
    if (!parse_mount(line, mount)) continue;
    CgroupHierarchy found;
    std::string key;
    if (mount.type == "cgroup2") {
      found.unified = true;
      if (out.unified() != nullptr) continue;
    } else if (mount.type == "cgroup") {
      for (const auto& option : split(mount.options, ',')) {
        if (std::find(kUseful.begin(), kUseful.end(), option) == kUseful.end()) continue;
        key = option;
        if (out.with(modern(option)) == nullptr) found.controllers.push_back(modern(option));
      }
      if (found.controllers.empty()) continue;
    } else {
      continue;
    }
    const auto path = paths.find(key);
    // Root puts its groups at the top, as far as it sees; others where they were let.
    const bool top = privileged || path == paths.end();
    found.base = top ? mount.point : below(mount, path->second);
    out.hierarchies_.push_back(std::move(found));
  }
  return out;
}

const CgroupHierarchy* CgroupLayout::with(const std::string& controller) const {
  for (const auto& hierarchy : hierarchies_) {
    const auto& has = hierarchy.controllers;
    if (std::find(has.begin(), has.end(), controller) != has.end()) return &hierarchy;
  }
  return nullptr;
}

const CgroupHierarchy* CgroupLayout::unified() const {
  for (const auto& hierarchy : hierarchies_) {
    if (hierarchy.unified) return &hierarchy;
  }
  return nullptr;
}

}  // namespace netyard
