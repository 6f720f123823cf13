// SPDX-License-Identifier: Apache-2.0
#include "e2e/fault_calls.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace netyard::test {
namespace {

struct Fallible {
  int error;
  std::vector<long> calls;
};

// Not: calls that have nothing to run out of (getpid, close, lseek, dup2 …), for to fail them so
// tells nothing of what is real; mmap and brk, which are the allocator's; EINTR of what does not
// wait; EBUSY of rmdir, which says that somebody has mounted something there, and it is to stay.
const std::vector<Fallible>& fallible() {
  static const std::vector<Fallible> kAll = {
      {ENOMEM,
       {SYS_openat,     SYS_mkdir,  SYS_mount,        SYS_umount2,    SYS_unshare,      SYS_setns,
        SYS_socket,     SYS_bind,   SYS_sendmsg,      SYS_sendto,     SYS_recvmsg,      SYS_rename,
        SYS_unlink,     SYS_rmdir,  SYS_unlinkat,     SYS_symlink,    SYS_linkat,       SYS_flock,
        SYS_clone,      SYS_clone3, SYS_vfork,        SYS_fsopen,     SYS_fsmount,      SYS_execve,
        SYS_newfstatat, SYS_access, SYS_readlink,     SYS_getdents64, SYS_pidfd_open,   SYS_pipe2,
        SYS_connect,    SYS_poll,   SYS_memfd_create, SYS_setsockopt, SYS_epoll_create1}},
      {EMFILE,
       {SYS_openat, SYS_socket, SYS_pipe2, SYS_pidfd_open, SYS_socketpair, SYS_fsopen, SYS_fsmount,
        SYS_memfd_create, SYS_epoll_create1}},
      {ENOSPC,
       {SYS_openat, SYS_mkdir, SYS_write, SYS_rename, SYS_symlink, SYS_linkat, SYS_unshare,
        SYS_mount, SYS_ftruncate}},
      {EINTR, {SYS_recvmsg, SYS_write, SYS_flock, SYS_poll, SYS_ppoll, SYS_wait4, SYS_openat}},
      {ENOBUFS, {SYS_socket, SYS_sendmsg, SYS_sendto, SYS_recvmsg, SYS_recvfrom}},
      {EBUSY, {SYS_mount, SYS_umount2, SYS_unlink, SYS_unlinkat, SYS_rename}},
      {EAGAIN, {SYS_clone, SYS_clone3, SYS_vfork, SYS_connect}}};
  return kAll;
}

template <class T>
bool read_memory(pid_t pid, unsigned long long address, T* into, std::size_t count = 1) {
  iovec own{into, count * sizeof(T)};
  iovec theirs{reinterpret_cast<void*>(address), count * sizeof(T)};
  return process_vm_readv(pid, &own, 1, &theirs, 1, 0) == static_cast<ssize_t>(own.iov_len);
}

bool is_domain(int socket, int wanted) {
  int domain = 0;
  socklen_t size = sizeof domain;
  return getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == wanted;
}

std::string descriptor_path(const Call& call) {
  return "/proc/" + std::to_string(call.process) + "/fd/" +
         std::to_string(static_cast<int>(call.arguments[0]));
}

}  // namespace

bool may_fail(long call, int error) {
  for (const auto& one : fallible()) {
    if (one.error != error) continue;
    return std::find(one.calls.begin(), one.calls.end(), call) != one.calls.end();
  }
  return false;
}

std::vector<pid_t> traced_by(pid_t tracer) {
  std::vector<pid_t> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    std::ifstream status(pid > 0 ? entry.path() / "status" : std::filesystem::path());
    for (std::string line; std::getline(status, line);) {
      if (line == "TracerPid:\t" + std::to_string(tracer)) out.push_back(pid);
    }
  }
  return out;
}

Call::Call(pid_t pid, const user_regs_struct& registers)
    : process(pid),
      number(static_cast<long>(registers.orig_rax)),
      result(static_cast<long>(registers.rax)),
      arguments{registers.rdi, registers.rsi, registers.rdx,
                registers.r10, registers.r8,  registers.r9} {}

bool Call::is_of_netyard() const {
  std::error_code gone;
  const auto program =
      std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/exe", gone);
  return program.filename().string().find("netyard") != std::string::npos;
}

bool Call::sends() const {
  return number == SYS_sendmsg || number == SYS_sendto;
}

bool Call::receives() const {
  if (number == SYS_recvmsg) return (arguments[2] & MSG_PEEK) == 0;
  return number == SYS_recvfrom && (arguments[3] & MSG_PEEK) == 0;
}

bool Call::writes() const {
  return number == SYS_write;
}

bool Call::is_on_netlink() const {
  const int process_fd = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  const int socket =
      static_cast<int>(syscall(SYS_pidfd_getfd, process_fd, static_cast<int>(arguments[0]), 0));
  const bool is = is_domain(socket, AF_NETLINK);
  close(socket);
  close(process_fd);
  return is;
}

bool Call::is_on_file() const {
  struct stat info {};
  return stat(descriptor_path(*this).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         std::filesystem::read_symlink(descriptor_path(*this)).string().starts_with("/run/");
}

bool Call::got_ack() const {
  unsigned long long data = arguments[1];
  if (number == SYS_recvmsg) {
    msghdr header{};
    iovec part{};
    if (!read_memory(process, arguments[1], &header)) return false;
    if (!read_memory(process, reinterpret_cast<unsigned long long>(header.msg_iov), &part)) {
      return false;
    }
    data = reinterpret_cast<unsigned long long>(part.iov_base);
  }
  nlmsghdr message{};
  return read_memory(process, data, &message) && message.nlmsg_type == NLMSG_ERROR;
}

long Call::size_to_send() const {
  if (number == SYS_sendto) return static_cast<long>(arguments[2]);
  msghdr header{};
  if (!read_memory(process, arguments[1], &header)) return 1;
  std::vector<iovec> parts(header.msg_iovlen);
  long size = 0;
  if (read_memory(process, reinterpret_cast<unsigned long long>(header.msg_iov), parts.data(),
                  parts.size())) {
    for (const auto& part : parts) size += static_cast<long>(part.iov_len);
  }
  return size;
}

}  // namespace netyard::test
