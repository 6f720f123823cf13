// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "netns/namespace.h"
#include "netns/pin.h"

namespace netyard::test {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

inline constexpr std::size_t kPayload = 1472;
inline constexpr double kFrame = 1514;  // with headers of UDP, IP, Ethernet
inline constexpr std::uint16_t kPort = 5001;

inline sockaddr_in address_of(const std::string& text) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(kPort);
  inet_pton(AF_INET, text.c_str(), &out.sin_addr);
  return out;
}

/// A socket of a named namespace, which does not block.
inline FileDescriptor socket_in(const std::string& netns, int type) {
  const FileDescriptor fd = open_namespace(netns);
  const NamespaceScope scope(fd.get());
  return FileDescriptor(socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// Waits for an event of a socket; false when there is none in time.
inline bool wait_for(const FileDescriptor& socket, short events, int milliseconds) {
  pollfd one{socket.get(), events, 0};
  return poll(&one, 1, milliseconds) > 0;
}

/// Numbered datagrams of full size from one namespace to another.
class Datagrams {
 public:
  Datagrams(const std::string& from, const std::string& to, const std::string& address)
      : sender_(socket_in(from, SOCK_DGRAM)), receiver_(socket_in(to, SOCK_DGRAM)) {
    const sockaddr_in there = address_of(address);
    const int size = 8 << 20;
    setsockopt(receiver_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    ready_ = bind(receiver_.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0 &&
             connect(sender_.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
  }
  bool ready() const { return ready_; }

  /// False when there is no room; what waits in a qdisc fills the sender's buffer.
  bool send_one() {
    std::memcpy(buffer_.data(), &next_, sizeof next_);
    const bool sent = send(sender_.get(), buffer_.data(), kPayload, 0) > 0;
    if (sent) ++next_;
    return sent;
  }
  void make_room(int bytes) {
    setsockopt(sender_.get(), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
  }
  /// How many are there.
  std::size_t receive_all() {
    std::size_t count = 0;
    while (recv(receiver_.get(), buffer_.data(), buffer_.size(), 0) > 0) ++count;
    return count;
  }
  bool wait_for_one(int milliseconds) { return wait_for(receiver_, POLLIN, milliseconds); }
  const FileDescriptor& sender() const { return sender_; }

  /// Bits a second, frames counted whole, of as much as gets through.
  double measure_rate(double seconds) {
    Clock::time_point first, last;
    std::size_t count = 0;
    const auto start = Clock::now();
    while (seconds_since(start) < seconds + 1 &&
           (count == 0 || std::chrono::duration<double>(last - first).count() < seconds)) {
      // What a full qdisc drops does not block: so many at most.
      for (int i = 0; i < 32 && send_one(); ++i) {
      }
      wait_for_one(5);
      const std::size_t got = receive_all();
      // What the bucket lets through at once comes first, and does not count.
      if (got == 0 || seconds_since(start) < 0.3) continue;
      last = Clock::now();
      if (count == 0) first = last;
      if (last != first) count += got;
      if (count == 0) count = 1;
    }
    const double time = std::chrono::duration<double>(last - first).count();
    return time > 0 ? static_cast<double>(count - 1) * kFrame * 8 / time : 0;
  }

  /// Has the neighbour found: until then a few packets are all that waits for it.
  void warm_up() {
    send_one();
    wait_for_one(5000);
    receive_all();
  }

  /// Seconds that datagrams take, one by one, sorted.
  std::vector<double> measure_delays(int times) {
    warm_up();
    std::vector<double> out;
    for (int i = 0; i < times; ++i) {
      const auto start = Clock::now();
      if (!send_one() || !wait_for_one(2000)) continue;
      out.push_back(seconds_since(start));
      receive_all();
    }
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  FileDescriptor sender_;
  FileDescriptor receiver_;
  std::vector<char> buffer_ = std::vector<char>(kPayload);
  std::uint64_t next_ = 0;
  bool ready_ = false;
};

/// A TCP connection from one namespace to another.
class Stream {
 public:
  Stream(const std::string& from, const std::string& to, const std::string& address)
      : listener_(socket_in(to, SOCK_STREAM)), sender_(socket_in(from, SOCK_STREAM)) {
    const sockaddr_in there = address_of(address);
    const int on = 1;
    setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener_.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) < 0 ||
        listen(listener_.get(), 1) < 0) {
      return;
    }
    connect(sender_.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there);
    if (!wait_for(listener_, POLLIN, 10'000)) return;
    receiver_ =
        FileDescriptor(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
  bool ready() const { return receiver_.get() >= 0; }

  /// Bytes that come out within some seconds, as many as go.
  std::size_t pump(double seconds) {
    std::size_t count = 0;
    const auto start = Clock::now();
    while (seconds_since(start) < seconds) {
      while (send(sender_.get(), buffer_.data(), buffer_.size(), MSG_NOSIGNAL) > 0) {
      }
      wait_for(receiver_, POLLIN, 10);
      for (ssize_t got = 1; got > 0;) {
        got = recv(receiver_.get(), buffer_.data(), buffer_.size(), 0);
        if (got > 0) count += static_cast<std::size_t>(got);
      }
    }
    return count;
  }

 private:
  FileDescriptor listener_;
  FileDescriptor sender_;
  FileDescriptor receiver_;
  std::vector<char> buffer_ = std::vector<char>(65536);
};

}  // namespace netyard::test
