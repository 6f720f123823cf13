// SPDX-License-Identifier: Apache-2.0
#include "engine/etc_files.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

#include "base/directory.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "engine/instance.h"
#include "engine/record.h"

namespace netyard {
namespace {

constexpr const char* kEtcNetns = "/etc/netns";
// Remembers that /etc/netns was not there before.
const std::string kMade = made_marker(kEtcNetns);
constexpr const char* kCommon = "@lab";  // no name of a node

std::string directory_of(const std::string& lab) {
  return std::string(kRunDirectory) + "/" + lab + ".etc";
}

std::string link_called(const std::string& name) {
  return std::string(kEtcNetns) + "/" + name;
}

void make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0755) < 0 && errno != EEXIST) {
    throw system_error("create directory", path);
  }
}

void write_file(const std::string& path, const std::string& text) {
  const FileDescriptor file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
  write_all(file.get(), text, path);
}

// "" of what is no link, or not there.
std::string target_of(const std::string& link) {
  char target[PATH_MAX];
  const ssize_t length = readlink(link.c_str(), target, sizeof target);
  if (length >= 0) return {target, static_cast<std::size_t>(length)};
  if (errno == EINVAL || errno == ENOENT || errno == ENOTDIR) return {};
  throw system_error("look at", link);
}

// One that an earlier boot left may be there still: /run is gone then, /etc is not.
bool is_ours(const std::string& link) {
  return target_of(link).starts_with(std::string(kRunDirectory) + "/");
}

int try_link(const std::string& target, const std::string& link) {
  return symlink(target.c_str(), link.c_str()) == 0 ? 0 : errno;
}

std::vector<Leftover> remove_etc_netns() {
  return is_there(kMade) ? remove_made_directories() : std::vector<Leftover>();
}

// False, with a warning, when the place cannot be ours.
bool lead_to(const std::string& netns, const std::string& directory) {
  const std::string link = link_called(netns);
  if (is_ours(link)) unlink(link.c_str());
  // Another lab that goes down may take the directory away.
  int failed = try_link(directory, link);
  while (failed == ENOENT) {
    // First the note: a kill between the two leaves no directory that nobody knows of.
    write_file(kMade, "");
    if (mkdir(kEtcNetns, 0755) < 0 && errno != EEXIST) {
      const int code = errno;
      remove_file(kMade);
      failed = code;
      break;
    }
    failed = try_link(directory, link);
  }
  if (failed == 0) return true;
  if (failed == EEXIST) {
    log::warning(link + " is not netyard's and is left alone: its files are what the node sees");
    return true;
  }
  log::warning("make " + link + ": " + errno_sentence(failed) +
               "; nodes see the host's /etc/hosts and /etc/resolv.conf");
  return false;
}

bool has(const std::vector<EtcFile>& files, const std::string& name) {
  for (const auto& file : files) {
    if (file.name == name) return true;
  }
  return false;
}

// A directory with its own files, and links to the lab's others.
std::string own_directory(const Topology& topology, const Node& node, const std::string& base) {
  std::string directory = base + "/" + node.name;
  make_directory(directory);
  for (const auto& file : node.etc) {
    const std::string own = directory + "/" + file.name;
    if (!target_of(own).empty()) remove_file(own);
    write_file(own, file.text);
  }
  for (const auto& file : topology.etc) {
    if (has(node.etc, file.name) || (file.name == "hosts" && !node.sees_lab_hosts)) continue;
    const std::string target = std::string("../") + kCommon + "/" + file.name;
    const std::string link = directory + "/" + file.name;
    if (target_of(link) == target) continue;
    remove_file(link);  // its own, from before
    if (symlink(target.c_str(), link.c_str()) < 0) throw system_error("make", link);
  }
  return directory;
}

// Of nodes that the lab has no more.
void remove_links_of_others(const Topology& topology, const std::string& base) {
  std::set<std::string> known;
  for (const auto& node : topology.nodes) known.insert(node.netns);
  for (const auto& name : names_in(kEtcNetns)) {
    const std::string link = link_called(name);
    if (target_of(link).starts_with(base + "/") && !known.contains(name)) remove_file(link);
  }
}

}  // namespace

void write_etc_files(const Topology& topology) {
  const std::string base = directory_of(topology.name);
  const std::string common = base + "/" + kCommon;
  make_directory(base);
  make_directory(common);
  for (const auto& file : topology.etc) write_file(common + "/" + file.name, file.text);
  for (const auto& node : topology.nodes) {
    if (node.netns.empty() || node.kind == NodeKind::segments) continue;
    const bool shared = node.etc.empty() && node.sees_lab_hosts;
    if (!lead_to(node.netns, shared ? common : own_directory(topology, node, base))) return;
  }
  remove_links_of_others(topology, base);
}

std::vector<std::string> etc_links_of(const std::string& lab) {
  std::vector<std::string> out;
  for (const auto& name : names_in(kEtcNetns)) {
    const std::string link = link_called(name);
    if (target_of(link).starts_with(directory_of(lab) + "/")) out.push_back(link);
  }
  return out;
}

std::vector<std::string> labs_with_etc_links() {
  std::set<std::string> labs;
  const std::string prefix = std::string(kRunDirectory) + "/";
  for (const auto& name : names_in(kEtcNetns)) {
    const std::string target = target_of(link_called(name));
    const std::size_t end = target.find(".etc/");
    if (!target.starts_with(prefix) || end == std::string::npos) continue;
    const std::string lab = target.substr(prefix.size(), end - prefix.size());
    if (lab.find('/') == std::string::npos) labs.insert(lab);
  }
  return {labs.begin(), labs.end()};
}

std::vector<Leftover> remove_etc_files(const std::string& lab) {
  std::vector<Leftover> left;
  try {
    for (const auto& link : etc_links_of(lab)) {
      if (remove_file(link) < 0) left.push_back({link, system_error("remove", link)});
    }
  } catch (const Error& error) {
    left.push_back({kEtcNetns, error});
  }
  for (auto& stayed : remove_etc_netns()) left.push_back(std::move(stayed));
  const std::string base = directory_of(lab);
  std::error_code failed;
  std::filesystem::remove_all(base, failed);
  if (failed) left.push_back({base, Error(failed.value(), "remove directory", base)});
  return left;
}

}  // namespace netyard
