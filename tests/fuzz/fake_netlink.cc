// SPDX-License-Identifier: Apache-2.0
#include "fuzz/fake_netlink.h"

#include <linux/netlink.h>
#include <sanitizer/asan_interface.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "netlink/message.h"

namespace {

const std::uint8_t* input = nullptr;
std::size_t left = 0;
nlmsghdr request{};

void give(msghdr* header, const void* bytes, std::size_t size) {
  const iovec& into = header->msg_iov[0];
  // What is behind the datagram must not be read.
  ASAN_UNPOISON_MEMORY_REGION(into.iov_base, into.iov_len);
  std::memcpy(into.iov_base, bytes, size);
  ASAN_POISON_MEMORY_REGION(static_cast<char*>(into.iov_base) + size, into.iov_len - size);
}

// A datagram with the serial of the request in each of its messages.
std::size_t next_datagram(msghdr* header) {
  std::size_t size = input[0] | std::size_t{input[1]} << 8;
  input += 2;
  left -= 2;
  size = std::min({size, left, header->msg_iov[0].iov_len});
  give(header, input, size);
  input += size;
  left -= size;
  auto* bytes = static_cast<char*>(header->msg_iov[0].iov_base);
  for (std::size_t at = 0; at + sizeof(nlmsghdr) <= size;) {
    nlmsghdr message;
    std::memcpy(&message, bytes + at, sizeof message);
    message.nlmsg_seq = request.nlmsg_seq;
    std::memcpy(bytes + at, &message, sizeof message);
    if (message.nlmsg_len < sizeof message) break;
    at += netyard::netlink_align(message.nlmsg_len);
  }
  return size;
}

std::size_t last_datagram(msghdr* header) {
  struct {
    nlmsghdr header;
    nlmsgerr error;
  } end{};
  const bool dump = (request.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  end.header.nlmsg_len = sizeof end;
  end.header.nlmsg_type = dump ? NLMSG_DONE : NLMSG_ERROR;
  end.header.nlmsg_seq = request.nlmsg_seq;
  end.error.error = dump ? 0 : -ENODEV;
  end.error.msg = request;
  give(header, &end, sizeof end);
  return sizeof end;
}

}  // namespace

extern "C" {
struct mnl_socket* mnl_socket_open2(int, int) {
  static char one;
  return reinterpret_cast<struct mnl_socket*>(&one);
}
int mnl_socket_setsockopt(const struct mnl_socket*, int, void*, socklen_t) {
  return 0;
}
int mnl_socket_bind(struct mnl_socket*, unsigned int, pid_t) {
  return 0;
}
int mnl_socket_get_fd(const struct mnl_socket*) {
  return -1;
}
int mnl_socket_close(struct mnl_socket*) {
  return 0;
}

ssize_t sendmsg(int, const msghdr* header, int) {
  // Of many messages only the last asks for an answer.
  std::memcpy(&request, header->msg_iov[header->msg_iovlen - 1].iov_base, sizeof request);
  return 1;
}

ssize_t recvmsg(int, msghdr* header, int) {
  if (header->msg_name != nullptr) std::memset(header->msg_name, 0, header->msg_namelen);
  header->msg_flags = 0;
  const std::size_t size = left >= 2 ? next_datagram(header) : last_datagram(header);
  return static_cast<ssize_t>(size);
}
}

namespace netyard::fuzz {

void serve(const std::uint8_t* data, std::size_t size) {
  input = data;
  left = size;
}

}  // namespace netyard::fuzz
