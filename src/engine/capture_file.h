// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/capture_library.h"

namespace netyard {

/// An interface of a capture file.
struct CaptureInterface {
  std::string name;  // "r1:eth0"
  int link_type = 0;
  std::uint32_t snaplen = 0;
  std::string filter;  // "": none
};

/// Blocks of a pcapng file, as bytes: draft-ietf-opsawg-pcapng. Times are in nanoseconds.
namespace pcapng {
/// The section header and an interface description each: what a file begins with.
std::string header(const std::vector<CaptureInterface>& interfaces);
/// An enhanced packet block; `interface` counts from 0.
std::string packet(std::uint32_t interface, const CapturedPacket& packet);
/// An interface statistics block.
std::string statistics(std::uint32_t interface, std::int64_t nanoseconds,
                       const CaptureCounts& counts);
}  // namespace pcapng

}  // namespace netyard
