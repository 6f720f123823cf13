// SPDX-License-Identifier: Apache-2.0
#include "engine/address_detection.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "netlink/observe.h"

namespace netyard {
namespace {

using Clock = std::chrono::steady_clock;

// A second for the probe, up to another by chance before it; the rest is for a busy machine.
constexpr std::chrono::seconds kPatience{15};
constexpr std::chrono::milliseconds kPause{20};

Error failure(int code, const AwaitedAddress& awaited) {
  return Error(code, "await address",
               awaited.address.to_string() + " on " + awaited.link + " in " + awaited.node);
}

}  // namespace

void await_address(Socket& socket, const AwaitedAddress& awaited,
                   const std::function<bool()>& interrupted) {
  std::uint32_t ifindex = awaited.ifindex;
  if (ifindex == 0) {
    const auto link = observe_link(socket, awaited.link);
    if (!link) throw failure(ENODEV, awaited);
    ifindex = link->ifindex;
  }
  for (const auto start = Clock::now(); !interrupted(); std::this_thread::sleep_for(kPause)) {
    const auto addresses = observe_addresses(socket);
    const auto found = std::find_if(addresses.begin(), addresses.end(), [&](const auto& state) {
      return state.ifindex == ifindex && state.prefix.address == awaited.address;
    });
    // One with a lifetime is taken away when it is a duplicate.
    if (found == addresses.end() || found->duplicate) {
      throw failure(0, awaited)
          .reason("duplicate address: another node on the segment has it")
          .hint("'dad: false' takes an address without asking");
    }
    if (!found->tentative) return;
    if (Clock::now() - start < kPatience) continue;
    throw failure(0, awaited)
        .reason("it is still tentative")
        .hint("without a carrier the kernel does not begin duplicate address detection");
  }
}

}  // namespace netyard
