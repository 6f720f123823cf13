// SPDX-License-Identifier: Apache-2.0
#include "engine/capture_file.h"

namespace netyard::pcapng {
namespace {

constexpr std::uint32_t kSection = 0x0A0D0D0A;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kStatistics = 5;
constexpr std::uint32_t kPacket = 6;
constexpr std::uint32_t kByteOrder = 0x1A2B3C4D;

constexpr std::uint16_t kEnd = 0;
constexpr std::uint16_t kApplication = 4;  // shb_userappl
constexpr std::uint16_t kName = 2;         // if_name
constexpr std::uint16_t kResolution = 9;   // if_tsresol
constexpr std::uint16_t kFilter = 11;      // if_filter
constexpr std::uint16_t kReceived = 4;     // isb_ifrecv
constexpr std::uint16_t kDropped = 5;      // isb_ifdrop

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void pad(std::string& out) {
  while (out.size() % 4 != 0) out.push_back('\0');
}

void put_option(std::string& out, std::uint16_t code, const std::string& value) {
  put(out, code);
  put(out, static_cast<std::uint16_t>(value.size()));
  out += value;
  pad(out);
}

template <class T>
std::string bytes_of(T value) {
  std::string out;
  put(out, value);
  return out;
}

// The high half of a time goes first, whatever the order of bytes.
void put_time(std::string& out, std::int64_t nanoseconds) {
  const auto time = static_cast<std::uint64_t>(nanoseconds);
  put(out, static_cast<std::uint32_t>(time >> 32));
  put(out, static_cast<std::uint32_t>(time));
}

// Type, length, body, and the length once more.
std::string block(std::uint32_t type, std::string body) {
  pad(body);
  constexpr std::uint32_t kAround = 12;
  const auto length = static_cast<std::uint32_t>(body.size()) + kAround;
  std::string out;
  put(out, type);
  put(out, length);
  out += body;
  put(out, length);
  return out;
}

std::string describe(const CaptureInterface& interface) {
  std::string body;
  put(body, static_cast<std::uint16_t>(interface.link_type));
  put(body, std::uint16_t{0});
  put(body, interface.snaplen);
  put_option(body, kName, interface.name);
  put_option(body, kResolution, std::string(1, '\x09'));  // 10^-9 s
  // A code of 0 in front says that it is a filter of libpcap.
  if (!interface.filter.empty()) put_option(body, kFilter, std::string(1, '\0') + interface.filter);
  put_option(body, kEnd, "");
  return block(kInterface, std::move(body));
}

}  // namespace

std::string header(const std::vector<CaptureInterface>& interfaces) {
  std::string body;
  put(body, kByteOrder);
  put(body, std::uint16_t{1});
  put(body, std::uint16_t{0});
  put(body, std::int64_t{-1});  // a section as long as it gets
  put_option(body, kApplication, "netyard");
  put_option(body, kEnd, "");
  std::string out = block(kSection, std::move(body));
  for (const auto& interface : interfaces) out += describe(interface);
  return out;
}

std::string packet(std::uint32_t interface, const CapturedPacket& packet) {
  std::string body;
  body.reserve(packet.kept + 32);
  put(body, interface);
  put_time(body, packet.nanoseconds);
  put(body, packet.kept);
  put(body, packet.length);
  body.append(reinterpret_cast<const char*>(packet.data), packet.kept);
  return block(kPacket, std::move(body));
}

std::string statistics(std::uint32_t interface, std::int64_t nanoseconds,
                       const CaptureCounts& counts) {
  std::string body;
  put(body, interface);
  put_time(body, nanoseconds);
  put_option(body, kReceived, bytes_of(counts.received));
  put_option(body, kDropped, bytes_of(counts.dropped));
  put_option(body, kEnd, "");
  return block(kStatistics, std::move(body));
}

}  // namespace netyard::pcapng
