// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>

#include "process/cgroup.h"

namespace netyard {
namespace {

// "trusted.*" of a cgroup only CAP_SYS_ADMIN can set, or see (fs/kernfs/inode.c).
constexpr const char* kAttribute = "trusted.netyard";

// Records are in /run/netyard, of which each mount namespace may have another, while cgroups are
// everybody's: which one it is tells the device that it is on.
std::string run_directory() {
  struct stat info {};
  if (stat("/run/netyard", &info) < 0 && stat("/run", &info) < 0) return "";
  return std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
}

}  // namespace

std::string Cgroup::topmost(const Place& place) const {
  return place.base + "/netyard/" + path_.substr(0, path_.find('/'));
}

void Cgroup::mark() const {
  const std::string value = run_directory();
  for (const auto& place : places_) {
    // Who may not mark it does not find it again either.
    setxattr(topmost(place).c_str(), kAttribute, value.data(), value.size(), 0);
  }
}

bool Cgroup::made_here() const {
  const std::string value = run_directory();
  return std::any_of(places_.begin(), places_.end(), [&](const Place& place) {
    char text[32];
    const ssize_t size = getxattr(topmost(place).c_str(), kAttribute, text, sizeof text);
    return size > 0 && std::string(text, static_cast<std::size_t>(size)) == value;
  });
}

}  // namespace netyard
