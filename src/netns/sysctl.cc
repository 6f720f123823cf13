// SPDX-License-Identifier: Apache-2.0
#include "netns/sysctl.h"

#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"

namespace netyard {
namespace {

constexpr int kNamespacesPerProcfs = 64;

FileDescriptor private_procfs() {
  const FileDescriptor context(fsopen("proc", FSOPEN_CLOEXEC));
  if (!context) return {};
  if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) return {};
  return FileDescriptor(fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

FileDescriptor open_at(int proc, const std::string& path, int flags) {
  const std::string below = "sys/" + path;
  FileDescriptor file(openat(proc, below.c_str(), flags | O_CLOEXEC));
  if (!file) throw system_error("open sysctl", path);
  return file;
}

}  // namespace

void SysctlWriter::next_namespace() {
  if (++used_ > kNamespacesPerProcfs && !private_refused_) proc_.reset();
}

int SysctlWriter::proc() {
  if (proc_) return proc_.get();
  if (!private_refused_) {
    proc_ = private_procfs();
    used_ = 1;
  }
  if (!proc_) {
    private_refused_ = true;
    proc_ = open_file("/proc", O_RDONLY | O_DIRECTORY);
  }
  return proc_.get();
}

void SysctlWriter::write(const std::string& path, const std::string& value) {
  const FileDescriptor file = open_at(proc(), path, O_WRONLY);
  write_all(file.get(), value, path);
}

std::string SysctlWriter::read(const std::string& path) {
  const FileDescriptor file = open_at(proc(), path, O_RDONLY);
  char text[4096];
  const ssize_t got = ::read(file.get(), text, sizeof text);
  if (got < 0) throw system_error("read sysctl", path);
  std::string value(text, static_cast<std::size_t>(got));
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

}  // namespace netyard
