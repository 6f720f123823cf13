// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/capture_file.h"

namespace netyard {

struct CaptureRequest {
  std::string lab;
  std::vector<std::string> ends;  // NODE:INTERFACE, or NODE for all of its interfaces but lo
  std::string file;         // where the pcapng goes; "-": standard output; "": text by tcpdump
  std::string filter;       // pcap-filter(7)
  std::uint64_t count = 0;  // packets; 0: until interrupted
  std::uint32_t snaplen = 262144;
};

struct CaptureReport {
  struct Interface {
    std::string name;  // "r1:eth0"
    std::uint64_t packets = 0;
    CaptureCounts counts;
    std::string ended;  // why it ended before the others; "": it did not
  };
  std::vector<Interface> interfaces;
};

/// Captures until `count` packets are there, the reader is gone, all interfaces are gone, or
/// `interrupted` says true; it is asked several times a second. `started` is told the interfaces
/// when packets are being kept from then on. Throws Error.
CaptureReport capture(const CaptureRequest& request,
                      const std::function<void(const std::vector<std::string>&)>& started,
                      const std::function<bool()>& interrupted);

}  // namespace netyard
