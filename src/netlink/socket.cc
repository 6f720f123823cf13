// SPDX-License-Identifier: Apache-2.0
#include "netlink/socket.h"

#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"
#include "base/log.h"
#include "netlink/reply.h"

namespace netyard {
namespace {

constexpr std::size_t kMostBytes = 60'000;  // well under the default SO_SNDBUF of 212,992
constexpr std::size_t kMostMessages = 200;  // 256 refusals fill a default receive buffer
constexpr int kReceiveBuffer = 4 << 20;     // bytes; a limit, no memory is taken for it
constexpr std::size_t kDatagram = 128 << 10;
constexpr int kTries = 20;  // of what changes nothing

// One for the thread: thousands of sockets live at once.
std::vector<char>& datagram_buffer() {
  thread_local std::vector<char> buffer(kDatagram);
  return buffer;
}

void set_options(mnl_socket* socket) {
  const int on = 1;
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK}) {
    // ENOPROTOOPT: a kernel older than the option.
    if (mnl_socket_setsockopt(socket, option, const_cast<int*>(&on), sizeof on) < 0 &&
        errno != ENOPROTOOPT) {
      throw system_error("set option of", "netlink socket");
    }
  }
  const int fd = mnl_socket_get_fd(socket);
  const int size = kReceiveBuffer;
  // FORCE goes past net.core.rmem_max, but only with CAP_NET_ADMIN in the first user namespace.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
}

struct Datagram {
  std::size_t size = 0;
  std::uint32_t sender = 0;
  bool lost = false;   // truncated, or the kernel dropped some (ENOBUFS)
  bool empty = false;  // nothing there
};

// Netlink answers while we send, and puts the next part of a dump in line as it hands one out: what
// is not there will not come. So nothing waits for an answer that is lost, be that said or not.
Datagram receive(int fd) {
  std::vector<char>& buffer = datagram_buffer();
  sockaddr_nl from{};
  iovec part{buffer.data(), buffer.size()};
  msghdr header{};
  header.msg_name = &from;
  header.msg_namelen = sizeof from;
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  for (;;) {
    const ssize_t got = recvmsg(fd, &header, MSG_DONTWAIT);
    if (got >= 0) {
      const bool cut = (header.msg_flags & MSG_TRUNC) != 0;
      return {static_cast<std::size_t>(got), from.nl_pid, cut, false};
    }
    if (errno == ENOBUFS) return {0, 0, true, false};
    if (errno == EAGAIN) return {0, 0, false, true};
    if (errno != EINTR) throw system_error("receive from", "netlink socket");
  }
}

std::string type_name(std::uint16_t type) {
  static constexpr struct {
    std::uint16_t first;
    const char* object;
  } kObjects[] = {{RTM_NEWLINK, "LINK"},   {RTM_NEWADDR, "ADDR"},     {RTM_NEWROUTE, "ROUTE"},
                  {RTM_NEWRULE, "RULE"},   {RTM_NEWNEIGH, "NEIGH"},   {RTM_NEWNSID, "NSID"},
                  {RTM_NEWQDISC, "QDISC"}, {RTM_NEWTCLASS, "TCLASS"}, {RTM_NEWTFILTER, "TFILTER"}};
  static constexpr const char* kVerbs[] = {"NEW", "DEL", "GET", "SET"};
  for (const auto& object : kObjects) {
    if (type >= object.first && type < object.first + 4) {
      return fmt::format("RTM_{}{}", kVerbs[type - object.first], object.object);
    }
  }
  return fmt::format("message {}", type);
}

void log_answers(std::span<const Message> sent, std::span<const Ack> answers) {
  if (!log::debugging()) return;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const Ack& ack = answers[i];
    std::string answer = ack.answered ? "ok" : "no answer";
    if (ack.answered && ack.error != 0) answer = errno_sentence(ack.error);
    if (!ack.sentence.empty()) answer += " (" + ack.sentence + ")";
    log::debug(
        fmt::format("netlink {} {} bytes: {}", type_name(sent[i].type()), sent[i].size(), answer));
  }
}

}  // namespace

void Socket::Closer::operator()(mnl_socket* socket) const {
  mnl_socket_close(socket);
}

Socket::Socket(int protocol) : socket_(mnl_socket_open2(protocol, SOCK_CLOEXEC)) {
  if (!socket_) throw system_error("open", "netlink socket");
  set_options(socket_.get());
  if (mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
    throw system_error("bind", "netlink socket");
  }
}

int Socket::fd() const {
  return mnl_socket_get_fd(socket_.get());
}

std::uint64_t Socket::namespace_cookie() const {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  const int failed = getsockopt(fd(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size);
  return failed < 0 ? 0 : cookie;
}

// 0 is what the kernel uses for what nobody asked for.
std::uint32_t Socket::next_serial() {
  return ++serial_ != 0 ? serial_ : ++serial_;
}

void Socket::send(std::span<Message> messages) {
  std::vector<iovec> parts;
  parts.reserve(messages.size());
  for (auto& message : messages) {
    message.raw()->nlmsg_seq = next_serial();
    parts.push_back({message.raw(), message.size()});
  }
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  msghdr header{};
  header.msg_name = &kernel;
  header.msg_namelen = sizeof kernel;
  header.msg_iov = parts.data();
  header.msg_iovlen = parts.size();
  ssize_t sent = -1;
  do {
    sent = sendmsg(fd(), &header, 0);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) throw system_error("send to", "netlink socket");
}

void Socket::receive_answers(std::span<Message> sent, std::span<Ack> answers) {
  ReplyCollector replies(sent, answers);
  while (!replies.finished()) {
    const Datagram datagram = receive(fd());
    if (datagram.empty) break;
    if (datagram.lost) {
      replies.lost();
    } else {
      replies.take(datagram_buffer().data(), datagram.size, datagram.sender);
    }
  }
  replies.settle();
  log_answers(sent, answers);
}

Ack Socket::request(Message message) {
  Batch batch;
  batch.add(std::move(message));
  return request(std::move(batch)).front();
}

std::vector<Ack> Socket::request(Batch batch) {
  std::vector<Ack> answers(batch.size());
  std::span<Message> all = batch.messages();
  std::size_t done = 0;
  while (done < all.size()) {
    std::size_t end = done;
    std::size_t bytes = 0;
    while (end < all.size() && end - done < kMostMessages &&
           bytes + all[end].size() <= kMostBytes) {
      bytes += all[end++].size();
    }
    end = std::max(end, done + 1);  // one that is larger than a part goes alone
    // The serials of a part must be consecutive for the collector.
    if (serial_ + (end - done) < serial_) serial_ = 0;
    const std::span<Message> part = all.subspan(done, end - done);
    part.back().raw()->nlmsg_flags |= NLM_F_ACK;
    send(part);
    receive_answers(part, std::span(answers).subspan(done, end - done));
    done = end;
  }
  return answers;
}

bool Socket::dump_once(Message& message, const std::function<void(const nlmsghdr*)>& each) {
  send({&message, 1});
  DumpCollector dump(message.raw(), each);
  while (!dump.finished()) {
    const Datagram datagram = receive(fd());
    if (datagram.empty) return false;
    // Read on to the end all the same: the kernel refuses a new dump while this one runs.
    if (datagram.lost) dump.lost();
    dump.take(datagram_buffer().data(), std::min(datagram.size, kDatagram), datagram.sender);
  }
  if (!dump.result().ok()) throw_refused(dump.result(), "dump", type_name(message.type()));
  return dump.consistent();
}

void Socket::dump(Message message, const std::function<void(const nlmsghdr*)>& each,
                  const std::function<void()>& restart) {
  message.raw()->nlmsg_flags |= NLM_F_DUMP;
  for (int tries = 0; tries < kTries; ++tries) {
    restart();
    if (dump_once(message, each)) return;
  }
  throw Error(EAGAIN, "dump", type_name(message.type()))
      .reason(fmt::format("it changed under us, or was lost, {} times", kTries));
}

std::optional<Ack> Socket::get_once(Message& message,
                                    const std::function<void(const nlmsghdr*)>& each) {
  send({&message, 1});
  // The answer is the object itself, or an error: no ack follows it.
  for (;;) {
    const Datagram datagram = receive(fd());
    if (datagram.lost || datagram.empty) return {};
    if (datagram.sender != 0) continue;
    const auto* answer = reinterpret_cast<const nlmsghdr*>(datagram_buffer().data());
    if (!is_whole(datagram_buffer().data(), datagram.size)) continue;
    if (answer->nlmsg_seq != message.raw()->nlmsg_seq) continue;
    if (answer->nlmsg_type == NLMSG_ERROR) return parse_ack(answer, message.raw());
    each(answer);
    return Ack{};
  }
}

Ack Socket::get(Message message, const std::function<void(const nlmsghdr*)>& each) {
  for (int tries = 0; tries < kTries; ++tries) {
    if (auto ack = get_once(message, each)) return *ack;
  }
  return {ENOBUFS, "", "", false};
}

void throw_refused(const Ack& ack, std::string operation, std::string object) {
  Error error(ack.answered ? ack.error : EIO, std::move(operation), std::move(object));
  if (!ack.answered) error.reason("the kernel gave no answer");
  error.kernel(ack.sentence, ack.attribute);
  if (ack.error == EPERM) error.hint("this needs CAP_NET_ADMIN over the network namespace");
  throw error;
}

}  // namespace netyard
