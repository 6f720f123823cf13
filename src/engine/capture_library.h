// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pcap/pcap.h>

#include <memory>
#include <string>

namespace netyard {

/// libpcap, loaded when a capture begins: it brings libraries of its own along, which no other
/// command should wait for.
struct PcapLibrary {
  decltype(&pcap_create) create;
  decltype(&pcap_set_snaplen) set_snaplen;
  decltype(&pcap_set_promisc) set_promisc;
  decltype(&pcap_set_immediate_mode) set_immediate_mode;
  decltype(&pcap_set_tstamp_precision) set_tstamp_precision;
  decltype(&pcap_activate) activate;
  decltype(&pcap_statustostr) statustostr;
  decltype(&pcap_geterr) geterr;
  decltype(&pcap_setnonblock) setnonblock;
  decltype(&pcap_get_selectable_fd) get_selectable_fd;
  decltype(&pcap_datalink) datalink;
  decltype(&pcap_compile) compile;
  decltype(&pcap_setfilter) setfilter;
  decltype(&pcap_freecode) freecode;
  decltype(&pcap_dispatch) dispatch;
  decltype(&pcap_stats) stats;
  decltype(&pcap_close) close;

  /// Throws Error when it is not installed.
  static const PcapLibrary& get();
};

/// A packet that was captured; data is valid during the call that it is handed to.
struct CapturedPacket {
  std::int64_t nanoseconds = 0;  // since 1970
  std::uint32_t length = 0;      // on the link, bytes
  std::uint32_t kept = 0;        // of them in data
  const unsigned char* data = nullptr;
};

struct CaptureCounts {
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;  // by the kernel, for want of room
};

/// A capture on one interface of the calling thread's network namespace, wherever the thread goes.
class PacketSource {
 public:
  /// snaplen: bytes kept of a packet. Throws Error.
  PacketSource(const std::string& interface, std::uint32_t snaplen);

  /// pcap-filter(7). Throws Error with what libpcap says of it.
  void filter(const std::string& expression);
  int fd() const;
  /// LINKTYPE_ of its packets.
  int link_type() const;
  /// Hands over what is there, at most `most` packets. False when there will be no more: `why` then
  /// says why.
  template <class Each>
  bool read(std::uint64_t most, Each each, std::string& why) {
    const auto call = [](unsigned char* user, const pcap_pkthdr* header,
                         const unsigned char* data) {
      constexpr std::int64_t kBillion = 1'000'000'000;
      CapturedPacket packet;
      // Asked for nanoseconds, libpcap puts them where microseconds are.
      packet.nanoseconds = header->ts.tv_sec * kBillion + header->ts.tv_usec;
      packet.length = header->len;
      packet.kept = header->caplen;
      packet.data = data;
      (*reinterpret_cast<Each*>(user))(packet);
    };
    return dispatch(most, call, reinterpret_cast<unsigned char*>(&each), why);
  }
  CaptureCounts counts() const;

 private:
  struct Closer {
    void operator()(pcap_t* handle) const;
  };
  bool dispatch(std::uint64_t most, pcap_handler call, unsigned char* user, std::string& why);

  std::string interface_;
  std::unique_ptr<pcap_t, Closer> handle_;
};

}  // namespace netyard
