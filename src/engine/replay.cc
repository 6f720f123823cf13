// SPDX-License-Identifier: Apache-2.0
#include "engine/replay.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <sstream>
#include <thread>

#include "base/file_descriptor.h"
#include "netns/pin.h"
#include "topology/impairments.h"

namespace netyard {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kDelivery = 1504;  // bytes of a line
constexpr std::size_t kLargestTrace = std::size_t{64} << 20;
constexpr std::uint64_t kStandstill = 8;  // bit/s: a byte a second
constexpr std::uint32_t kBucketHandle = traffic_handle(0x7fff);
constexpr std::uint64_t kQueue = 100;  // packets that may wait

/// Sends a frame that no bridge passes on (IEEE 802.1Q, 8.6.3; local experimental EtherType). A
/// bucket sleeps for as long as the next packet takes at the rate that it had: only a packet wakes
/// it.
class Waker {
 public:
  Waker(const std::string& netns, std::uint32_t ifindex) {
    const FileDescriptor inside = open_namespace(netns);
    const NamespaceScope scope(inside.get());
    socket_ = FileDescriptor(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket_.get() < 0) throw system_error("open", "packet socket");
    to_.sll_family = AF_PACKET;
    to_.sll_protocol = htons(kExperimental);
    to_.sll_ifindex = static_cast<int>(ifindex);
    to_.sll_halen = sizeof kNearestBridge;
    std::copy(std::begin(kNearestBridge), std::end(kNearestBridge), to_.sll_addr);
  }
  void wake() const {
    const char nothing[46] = {};
    // A full queue drops it, and wakes all the same.
    sendto(socket_.get(), nothing, sizeof nothing, MSG_DONTWAIT,
           reinterpret_cast<const sockaddr*>(&to_), sizeof to_);
  }

 private:
  static constexpr std::uint16_t kExperimental = 0x88b5;
  static constexpr std::uint8_t kNearestBridge[] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e};
  FileDescriptor socket_;
  sockaddr_ll to_{};
};

/// The token bucket of a replay. A change of it fills it: one packet a step is free, and has to be
/// taken off what the next windows grant.
class Bucket {
 public:
  Bucket(OpenEnd& open, const LinkEnd& end, std::uint32_t parent)
      : open_(open), waker_(end.netns, open.state.ifindex), burst_(frame_size(open.state.mtu)) {
    qdisc_.kind = find_qdisc_kind("tbf");
    qdisc_.ifindex = open.state.ifindex;
    qdisc_.parent = parent;
    qdisc_.handle = kBucketHandle;
  }

  void grant(std::uint64_t bytes, std::chrono::milliseconds window) {
    owed_ += static_cast<double>(bytes);
    const double seconds = std::chrono::duration<double>(window).count();
    const double fixed = owed_ - static_cast<double>(burst_);
    std::uint64_t rate = kStandstill;
    if (fixed > 0) rate = std::max(static_cast<std::uint64_t>(fixed * 8 / seconds), kStandstill);
    // At a standstill nothing fills the bucket, and a change would.
    if (rate == kStandstill && rate_ == kStandstill) return;
    owed_ -= static_cast<double>(burst_) + static_cast<double>(rate) / 8 * seconds;
    if (rate_ == rate) owed_ += static_cast<double>(burst_);
    if (rate_ != rate) change(rate);
  }

  std::uint64_t steps() const { return steps_; }

 private:
  void change(std::uint64_t rate) {
    qdisc_.settings = {{qdisc_.kind->find("rate"), rate},
                       {qdisc_.kind->find("burst"), burst_},
                       {qdisc_.kind->find("limit"), kQueue * burst_}};
    const Ack ack = open_.socket.request(new_qdisc(qdisc_));
    if (!ack.ok()) throw_refused(ack, "set", "rate of " + open_.state.name);
    if (rate > rate_ && rate_ != 0) waker_.wake();
    rate_ = rate;
    ++steps_;
  }

  OpenEnd& open_;
  Waker waker_;
  std::uint64_t burst_;
  Qdisc qdisc_;
  double owed_ = 0;  // bytes
  std::uint64_t rate_ = 0;
  std::uint64_t steps_ = 0;
};

// Where the bucket goes: into a netem that is there, or in place of the root.
std::uint32_t place_for_bucket(const OpenEnd& open, const TrafficView& traffic,
                               const LinkEnd& end) {
  const QdiscState* root = traffic.root(open.state.ifindex);
  if (root == nullptr || root->name == "tbf") return kRootParent;
  if (root->name == "netem") return root->qdisc.handle | 1;
  throw Error(0, "replay", "on " + end.name())
      .reason("it has the qdisc " + root->name)
      .hint("a trace is the rate of an end without a qdisc, or with impairments");
}

void give_back(OpenEnd& open, std::uint32_t parent, const QdiscState* before) {
  Ack ack;
  if (parent != kRootParent || before == nullptr) {
    ack = open.socket.request(delete_qdisc(open.state.ifindex, parent));
  } else {
    ack = open.socket.request(new_qdisc(before->qdisc));
  }
  if (!ack.ok()) throw_refused(ack, "give back", "qdisc of " + open.state.name);
}

Error broken(const std::string& path, std::size_t line, const std::string& why) {
  return Error(EINVAL, "read trace", fmt::format("{}:{}", path, line))
      .reason(why)
      .hint("a trace of mahimahi is a whole number of milliseconds a line, not falling");
}

}  // namespace

Trace read_trace(const std::string& path) {
  return parse_trace(read_file(path, kLargestTrace), path);
}

Trace parse_trace(const std::string& text, const std::string& path) {
  std::istringstream lines(text);
  Trace trace;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty()) continue;
    std::uint32_t time = 0;
    const auto [end, failed] = std::from_chars(line.data(), line.data() + line.size(), time);
    if (failed != std::errc() || end != line.data() + line.size()) {
      throw broken(path, number, fmt::format("'{}' is no time", line));
    }
    if (!trace.times.empty() && time < trace.times.back()) {
      throw broken(path, number, fmt::format("{} comes after {}", time, trace.times.back()));
    }
    trace.times.push_back(time);
  }
  if (trace.times.empty() || trace.length() == 0) throw broken(path, number, "it has no length");
  return trace;
}

std::vector<std::uint64_t> trace_windows(const Trace& trace, std::chrono::milliseconds window) {
  const auto width = static_cast<std::uint32_t>(window.count());
  std::vector<std::uint64_t> out((trace.length() + width - 1) / width);
  // A delivery at the very end of a window, or of the trace, belongs to it.
  for (const std::uint32_t time : trace.times) out[time == 0 ? 0 : (time - 1) / width] += kDelivery;
  return out;
}

ReplayResult replay(const std::string& lab, const LinkEnd& end, const Trace& trace,
                    const ReplayOptions& options, const std::function<bool()>& interrupted) {
  const auto record = load_record(lab);
  if (!record) throw Error(0, "find", "lab " + lab).reason("it is not up");
  OpenEnd open = open_end(*record, end);
  const TrafficView traffic(open.socket);
  const QdiscState* before = traffic.root(open.state.ifindex);
  const std::uint32_t parent = place_for_bucket(open, traffic, end);
  const std::vector<std::uint64_t> windows = trace_windows(trace, options.window);
  ReplayResult result;
  Bucket bucket(open, end, parent);
  std::uint64_t bytes = 0;
  const auto start = Clock::now();
  auto next = start;
  for (std::size_t i = 0; !interrupted() && !(options.once && i == windows.size()); ++i) {
    const std::size_t at = i % windows.size();
    const auto left = std::chrono::milliseconds(trace.length()) -
                      options.window * static_cast<std::chrono::milliseconds::rep>(at);
    const auto width = std::min<std::chrono::milliseconds>(options.window, left);
    bucket.grant(windows[at], width);
    bytes += windows[at];
    next += width;
    std::this_thread::sleep_until(next);
  }
  give_back(open, parent, before);
  result.steps = bucket.steps();
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (result.seconds > 0) result.mean_rate = static_cast<double>(bytes) * 8 / result.seconds;
  return result;
}

}  // namespace netyard
