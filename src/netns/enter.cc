// SPDX-License-Identifier: Apache-2.0
#include "netns/enter.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/log.h"

namespace netyard {
namespace {

// sysfs shows the network namespace it was mounted in.
void remount_sys() {
  struct statvfs old {};
  unsigned long flags = 0;
  if (statvfs("/sys", &old) == 0 && (old.f_flag & ST_RDONLY) != 0) flags |= MS_RDONLY;
  umount2("/sys", MNT_DETACH);
  if (mount("netyard", "/sys", "sysfs", flags, nullptr) < 0) throw system_error("mount", "/sys");
}

void bind_etc(const std::string& name) {
  const std::string directory = "/etc/netns/" + name;
  DIR* entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries)) {
    const std::string file = entry->d_name;
    if (file == "." || file == "..") continue;
    const std::string from = directory + "/" + file;
    const std::string to = "/etc/" + file;
    if (mount(from.c_str(), to.c_str(), "none", MS_BIND, nullptr) < 0) {
      log::warning("bind " + from + " on " + to + ": " + errno_sentence(errno));
    }
  }
  closedir(entries);
}

}  // namespace

void enter_for_exec(int namespace_fd, const std::string& name, const std::string& hostname) {
  if (setns(namespace_fd, CLONE_NEWNET) < 0) {
    Error error = system_error("enter namespace", name);
    if (error.code() == EPERM) error.hint("this needs CAP_SYS_ADMIN: run netyard as root");
    throw error;
  }
  if (unshare(CLONE_NEWNS) < 0) throw system_error("create mount namespace for", name);
  // Slave, not private: what the host mounts later is still seen.
  if (mount("", "/", "none", MS_SLAVE | MS_REC, nullptr) < 0) {
    throw system_error("detach mounts of", name);
  }
  remount_sys();
  if (!name.empty()) bind_etc(name);
  if (hostname.empty()) return;
  if (unshare(CLONE_NEWUTS) < 0 || sethostname(hostname.c_str(), hostname.size()) < 0) {
    throw system_error("set hostname", hostname);
  }
}

}  // namespace netyard
