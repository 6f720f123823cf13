// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "netlink/ack.h"
#include "netlink/message.h"

struct mnl_socket;

namespace netyard {

/// Many requests for one socket, sent together. Not a transaction: when one fails, those behind it
/// are applied all the same.
class Batch {
 public:
  void add(Message message) { messages_.push_back(std::move(message)); }
  std::size_t size() const { return messages_.size(); }
  bool empty() const { return messages_.empty(); }
  std::span<Message> messages() { return messages_; }

 private:
  std::vector<Message> messages_;
};

/// A netlink socket that stays in the network namespace it was opened in, whatever the thread does.
/// NETLINK_EXT_ACK, NETLINK_CAP_ACK and NETLINK_GET_STRICT_CHK are on. Not for two threads at once.
class Socket {
 public:
  /// Opens a socket in the calling thread's namespace; NETLINK_ROUTE is protocol 0. Throws Error.
  explicit Socket(int protocol = 0);
  Socket(Socket&&) noexcept = default;
  Socket& operator=(Socket&&) noexcept = default;
  ~Socket() = default;

  int fd() const;
  /// SO_NETNS_COOKIE of the socket's namespace, unique since boot; 0 where the kernel has none.
  std::uint64_t namespace_cookie() const;

  /// One request, one answer.
  Ack request(Message message);
  /// Sends all; returns one Ack a message, in order. Splits what one sendmsg, or the receive buffer
  /// for acks, cannot hold. Only the last message of a part asks for an ack: refusals come unasked.
  /// Waits for nothing (net/netlink/af_netlink.c answers within sendmsg): what is lost is not
  /// `answered`, and nobody knows whether it was done.
  std::vector<Ack> request(Batch batch);
  /// Sends a dump request (NLM_F_DUMP is added) and gives each part to `each`. A dump that the
  /// kernel marks interrupted, that was cut short or overran the buffer is made anew: `restart` is
  /// called before each try and must forget what came. Throws Error when it does not settle.
  void dump(Message message, const std::function<void(const nlmsghdr*)>& each,
            const std::function<void()>& restart);
  /// A request that is answered by a message of its own (RTM_GETLINK by name): `each` gets it. One
  /// that is not answered is made anew, so it must change nothing.
  Ack get(Message message, const std::function<void(const nlmsghdr*)>& each);

 private:
  struct Closer {
    void operator()(mnl_socket* socket) const;
  };

  std::uint32_t next_serial();
  void send(std::span<Message> messages);
  void receive_answers(std::span<Message> sent, std::span<Ack> answers);
  std::optional<Ack> get_once(Message& message, const std::function<void(const nlmsghdr*)>& each);
  bool dump_once(Message& message, const std::function<void(const nlmsghdr*)>& each);

  std::unique_ptr<mnl_socket, Closer> socket_;
  std::uint32_t serial_ = 0;
};

/// Turns an Ack that is not ok into an Error.
[[noreturn]] void throw_refused(const Ack& ack, std::string operation, std::string object);

}  // namespace netyard
