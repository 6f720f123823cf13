// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

TEST(Plan, IsReadableAndInAnOrderTheKernelTakes) {
  const LabText lab = load_text(R"(name: x
nodes:
  h: {routes: [default via 10.0.0.2], exec: ["ip addr"]}
  r: {kind: router, sysctls: {net.ipv4.conf.eth0.rp_filter: 0}}
  s: {kind: switch, stp: true}
links:
- {endpoints: [h, s], mtu: 1400}
- {endpoints: [{node: r, interface: eth0, mtu: 1300}, s], mtu: 1400}
- {endpoints: [host:v, r:eth9], ipv4: [10.0.0.1/24, 10.0.0.2/24]}
- {type: vxlan, endpoint: r:vx, vni: 5, parent: eth0}
- {type: macvlan, endpoint: r:mv, parent: host:eth0, mode: bridge}
- {type: physical, endpoint: r:nic, host: enp1s0}
)");
  EXPECT_EQ(lab.diagnostics.errors(), 1U) << "h has no address";
  const LabText good = load_text(R"(name: x
nodes:
  h: {routes: [default via 10.0.0.2], exec: ["ip addr"]}
  r: {kind: router, sysctls: {net.ipv4.conf.eth0.rp_filter: 0}}
  s: {kind: switch, stp: true}
links:
- {endpoints: [h, s], mtu: 1400, ipv4: [10.0.0.1/24]}
- {endpoints: [{node: r, interface: eth0, mtu: 1300}, s], mtu: 1400, ipv4: [10.0.0.2/24]}
- {endpoints: [host:v, r:eth9], ipv4: [10.1.0.1/24, 10.1.0.2/24]}
- {type: vxlan, endpoint: r:vx, vni: 5, parent: eth0}
- {type: macvlan, endpoint: r:mv, parent: host:eth0, mode: bridge}
- {type: physical, endpoint: r:nic, host: enp1s0}
)");
  ASSERT_EQ(good.diagnostics.render(), "");
  EXPECT_EQ(render_plan(good.topology, good.plan),
            "+ create namespace x.h\n"
            "+ write sysctl net/ipv6/conf/default/accept_dad = 0 in h\n"
            "+ create namespace x.r\n"
            "+ write sysctl net/ipv4/ip_forward = 1 in r\n"
            "+ write sysctl net/ipv6/conf/all/forwarding = 1 in r\n"
            "+ write sysctl net/ipv6/conf/default/accept_dad = 0 in r\n"
            "+ create namespace x.s\n"
            "+ write sysctl net/ipv6/conf/default/addr_gen_mode = 1 in s\n"
            "+ create link br0 (bridge) stp true in s\n"
            "+ create link eth9 (veth) in r, peer v in host\n"
            "+ create link p0 (veth) on br0 mtu 1400 in s, peer eth0 in h\n"
            "+ create link p1 (veth) on br0 mtu 1400 in s, peer eth0 in r\n"
            "+ create link vx (vxlan) over eth0 vni 5 in r\n"
            "+ create link mv (macvlan) over host:eth0 mode bridge in r\n"
            "+ take link enp1s0 from the host as nic in r\n"
            "+ set link v up in host\n"
            "+ add address 10.1.0.1/24 to v in host\n"
            "+ set link lo up in h\n"
            "+ set link eth0 up in h\n"
            "+ add address 10.0.0.1/24 to eth0 in h\n"
            "+ add route default via 10.0.0.2 dev eth0 in h\n"
            "+ set link lo up in r\n"
            "+ set link eth0 mtu 1300 up in r\n"
            "+ set link nic up in r\n"
            "+ add address 10.0.0.2/24 to eth0 in r\n"
            "+ add address 10.1.0.2/24 to eth9 in r\n"
            "+ write sysctl net/ipv4/conf/eth0/rp_filter = 0 in r\n"
            "+ set link lo up in s\n"
            "+ write /etc/hosts of the nodes\n"
            "+ run ip addr in h\n");
}

TEST(Plan, EveryStepKnowsItsPlace) {
  const LabText lab = load_text(
      "name: x\nnodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], subnet: 10.0.0.0/24}]\n");
  for (const auto& step : lab.plan.steps)
    EXPECT_TRUE(step.origin) << describe(lab.topology, step.operation);
}

}  // namespace
}  // namespace netyard::test
