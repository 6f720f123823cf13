// SPDX-License-Identifier: Apache-2.0
#include "engine/capture_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <climits>

#include "base/error.h"

namespace netyard {
namespace {

constexpr const char* kLibrary = "libpcap.so.0.8";  // its name in Debian, whatever its version

template <class Function>
void find(void* library, const char* name, Function& out) {
  void* found = dlsym(library, name);
  if (found == nullptr) throw Error(0, "find", name).reason(kLibrary);
  out = reinterpret_cast<Function>(found);
}

PcapLibrary load() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) library = dlopen("libpcap.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(0, "load", kLibrary)
        .reason(dlerror())
        .hint("capturing needs libpcap: install libpcap0.8");
  }
  PcapLibrary out{};
  find(library, "pcap_create", out.create);
  find(library, "pcap_set_snaplen", out.set_snaplen);
  find(library, "pcap_set_promisc", out.set_promisc);
  find(library, "pcap_set_immediate_mode", out.set_immediate_mode);
  find(library, "pcap_set_tstamp_precision", out.set_tstamp_precision);
  find(library, "pcap_activate", out.activate);
  find(library, "pcap_statustostr", out.statustostr);
  find(library, "pcap_geterr", out.geterr);
  find(library, "pcap_setnonblock", out.setnonblock);
  find(library, "pcap_get_selectable_fd", out.get_selectable_fd);
  find(library, "pcap_datalink", out.datalink);
  find(library, "pcap_compile", out.compile);
  find(library, "pcap_setfilter", out.setfilter);
  find(library, "pcap_freecode", out.freecode);
  find(library, "pcap_dispatch", out.dispatch);
  find(library, "pcap_stats", out.stats);
  find(library, "pcap_close", out.close);
  return out;
}

}  // namespace

const PcapLibrary& PcapLibrary::get() {
  static const PcapLibrary library = load();
  return library;
}

void PacketSource::Closer::operator()(pcap_t* handle) const {
  PcapLibrary::get().close(handle);
}

PacketSource::PacketSource(const std::string& interface, std::uint32_t snaplen)
    : interface_(interface) {
  const PcapLibrary& pcap = PcapLibrary::get();
  char problem[PCAP_ERRBUF_SIZE] = "";
  handle_.reset(pcap.create(interface.c_str(), problem));
  if (!handle_) throw Error(0, "capture on", interface).reason(problem);
  pcap.set_snaplen(handle_.get(), static_cast<int>(snaplen));
  pcap.set_promisc(handle_.get(), 1);
  pcap.set_immediate_mode(handle_.get(), 1);
  pcap.set_tstamp_precision(handle_.get(), PCAP_TSTAMP_PRECISION_NANO);
  const int status = pcap.activate(handle_.get());
  if (status < 0) {
    const std::string said = pcap.geterr(handle_.get());
    throw Error(0, "capture on", interface).reason(said.empty() ? pcap.statustostr(status) : said);
  }
  if (pcap.setnonblock(handle_.get(), 1, problem) < 0) {
    throw Error(0, "capture on", interface).reason(problem);
  }
}

void PacketSource::filter(const std::string& expression) {
  const PcapLibrary& pcap = PcapLibrary::get();
  bpf_program program{};
  const int failed =
      pcap.compile(handle_.get(), &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN);
  if (failed < 0) {
    throw Error(0, "compile filter", expression)
        .reason(pcap.geterr(handle_.get()))
        .hint("pcap-filter(7) tells how filters are written");
  }
  const int refused = pcap.setfilter(handle_.get(), &program);
  pcap.freecode(&program);
  if (refused < 0) {
    throw Error(0, "set filter", expression).reason(pcap.geterr(handle_.get()));
  }
}

int PacketSource::fd() const {
  return PcapLibrary::get().get_selectable_fd(handle_.get());
}

int PacketSource::link_type() const {
  return PcapLibrary::get().datalink(handle_.get());
}

bool PacketSource::dispatch(std::uint64_t most, pcap_handler call, unsigned char* user,
                            std::string& why) {
  const PcapLibrary& pcap = PcapLibrary::get();
  const int count = static_cast<int>(std::min<std::uint64_t>(most, INT_MAX));
  if (pcap.dispatch(handle_.get(), count, call, user) >= 0) return true;
  why = pcap.geterr(handle_.get());
  return false;
}

CaptureCounts PacketSource::counts() const {
  pcap_stat counted{};
  if (PcapLibrary::get().stats(handle_.get(), &counted) < 0) return {};
  return {counted.ps_recv, counted.ps_drop};
}

}  // namespace netyard
