// SPDX-License-Identifier: Apache-2.0
// What the kernel answers: the first byte says who asks, the rest is the answer (fake_netlink.h).
#include "fuzz/fake_netlink.h"
#include "fuzz/input.h"
#include "netlink/generic.h"
#include "netlink/link_data.h"
#include "netlink/link_memory.h"
#include "netlink/namespace_id.h"
#include "netlink/nftables.h"
#include "netlink/observe.h"
#include "netlink/observe_bridge.h"
#include "netlink/observe_devices.h"
#include "netlink/observe_filter.h"
#include "netlink/observe_layer3.h"
#include "netlink/observe_link6.h"
#include "netlink/observe_qdisc.h"

using namespace netyard;

namespace {

void request_all(Socket& socket) {
  Batch batch;
  NewLink link;
  link.kind = find_link_kind("veth");
  link.name = "a";
  link.peer = LinkPeer{"b", 0, {}};
  batch.add(new_link(link));
  LinkChange up;
  up.ifindex = 2;
  up.up = true;
  batch.add(change_link(up));
  fuzz::require(socket.request(std::move(batch)).size() == 2, "an ack for each request");
}

constexpr std::uint32_t kFirstHandle = 0x10000;
constexpr std::uint16_t kFamily = 30;  // of generic netlink

using Question = void (*)(Socket&);
constexpr Question kQuestions[] = {
    [](Socket& s) { observe_links(s); },
    [](Socket& s) { observe_addresses(s); },
    [](Socket& s) { observe_link(s, "eth0"); },
    [](Socket& s) { observe_routes(s); },
    [](Socket& s) { observe_rules(s); },
    [](Socket& s) { observe_neighbors(s); },
    [](Socket& s) { observe_nexthops(s); },
    [](Socket& s) { observe_mpls_routes(s); },
    [](Socket& s) { observe_qdiscs(s); },
    [](Socket& s) { observe_classes(s, 2); },
    [](Socket& s) { observe_link_counters(s); },
    [](Socket& s) { shown_attributes(s, "eth0", false); },
    [](Socket& s) { shown_attributes(s, "eth0", true); },
    [](Socket& s) { restore_link_memory(s, save_link_memory(s, 2)); },
    [](Socket& s) { namespace_id(s, 0); },
    [](Socket& s) { find_generic_family(s, "wireguard"); },
    request_all,
    [](Socket& s) { observe_bridge_vlans(s); },
    [](Socket& s) { observe_fdb(s); },
    [](Socket& s) { observe_mdb(s); },
    [](Socket& s) { observe_filters(s, 2, kFirstHandle); },
    [](Socket& s) { observe_links6(s); },
    [](Socket& s) { observe_wireguard(s, kFamily, 2, true); },
    [](Socket& s) { observe_macsec(s, kFamily, 2); },
    [](Socket&) { nft_generation(); },
    [](Socket&) { nft_tables(); },
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  fuzz::serve(data + 1, size - 1);
  Socket socket;
  fuzz::may_refuse([&] { kQuestions[data[0] % std::size(kQuestions)](socket); });
  return 0;
}
