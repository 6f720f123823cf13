// SPDX-License-Identifier: Apache-2.0
#include "netns/namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/error.h"
#include "netlink/socket.h"

namespace netyard {
namespace {

constexpr long kNsfsMagic = 0x6e736673;  // include/uapi/linux/magic.h
constexpr std::size_t kLongestName = 255;

Error no_namespace(const std::string& name, const char* why) {
  return Error(EINVAL, "open namespace", name).reason(why);
}

}  // namespace

const char* const kNetnsDirectory = "/run/netns";

std::string namespace_name_problem(std::string_view name) {
  if (name.empty()) return "a namespace name is empty";
  if (name.size() > kLongestName) {
    return fmt::format("a namespace name has at most {} bytes, this one {}", kLongestName,
                       name.size());
  }
  if (name == "." || name == "..") return "a namespace cannot be called '.' or '..'";
  if (name.front() == '-') return "a namespace name does not begin with '-'";
  const bool bad = std::any_of(name.begin(), name.end(), [](char c) {
    return c == '/' || static_cast<unsigned char>(c) < ' ' || c == 0x7f;
  });
  return bad ? "a namespace name has no '/' and no control bytes" : "";
}

FileDescriptor current_namespace() {
  return open_file("/proc/thread-self/ns/net", O_RDONLY);
}

FileDescriptor open_namespace(const std::string& name) {
  if (const auto problem = namespace_name_problem(name); !problem.empty()) {
    throw Error(EINVAL, "open namespace", name).reason(problem);
  }
  const std::string path = std::string(kNetnsDirectory) + "/" + name;
  // O_PATH first: opening a FIFO or a device has effects of its own.
  const FileDescriptor entry(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!entry) {
    Error error = system_error("open namespace", name);
    if (error.code() == ENOENT)
      error.hint("'ip netns list' and 'netyard ns ls' show those there are");
    throw error;
  }
  struct statfs where {};
  if (fstatfs(entry.get(), &where) < 0) throw system_error("look at", path);
  if (where.f_type != kNsfsMagic) {
    throw no_namespace(name, "the file is no namespace")
        .hint("'netyard ns prune' clears stale files");
  }
  FileDescriptor opened =
      open_file(fmt::format("/proc/self/fd/{}", entry.get()), O_RDONLY | O_NONBLOCK);
  if (ioctl(opened.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    throw no_namespace(name, "it is a namespace, but not of the network kind");
  }
  return opened;
}

FileDescriptor open_process_namespace(pid_t pid) {
  try {
    return open_file(fmt::format("/proc/{}/ns/net", pid), O_RDONLY);
  } catch (const Error& error) {
    throw Error(error.code() == ENOENT ? ESRCH : error.code(), "open namespace of process",
                std::to_string(pid));
  }
}

NamespaceIdentity identify(int namespace_fd) {
  struct stat info {};
  if (fstat(namespace_fd, &info) < 0) throw system_error("identify", "namespace");
  return {info.st_dev, info.st_ino, 0};
}

NamespaceScope::NamespaceScope(int namespace_fd) : home_(current_namespace()) {
  if (setns(namespace_fd, CLONE_NEWNET) < 0) {
    Error error = system_error("enter", "namespace");
    if (error.code() == EPERM) error.hint("this needs CAP_SYS_ADMIN: run netyard as root");
    throw error;
  }
}

void go_home(int namespace_fd) {
  constexpr int kTries = 100;
  constexpr int kPause = 10;  // ms
  for (int i = 0; i < kTries; ++i) {
    if (setns(namespace_fd, CLONE_NEWNET) == 0) return;
    if (errno != ENOMEM) break;
    poll(nullptr, 0, kPause);
  }
  std::abort();
}

NamespaceScope::~NamespaceScope() {
  go_home(home_.get());
}

Socket socket_in(int namespace_fd) {
  const NamespaceScope scope(namespace_fd);
  return Socket();
}

}  // namespace netyard
