// SPDX-License-Identifier: Apache-2.0
#include "base/sysctl_path.h"

#include <gtest/gtest.h>

namespace netyard::test {
namespace {

TEST(SysctlPath, TheFirstSeparatorDecides) {
  EXPECT_EQ(sysctl_path("net.ipv4.ip_forward"), "net/ipv4/ip_forward");
  EXPECT_EQ(sysctl_path("net/ipv4/conf/eth0.1/rp_filter"), "net/ipv4/conf/eth0.1/rp_filter");
  EXPECT_EQ(sysctl_path("net.ipv4.conf.eth0/1.rp_filter"), "net/ipv4/conf/eth0.1/rp_filter");
  for (const char* bad : {"kernel.hostname", "net//x", "net/../x", "net", "net/a b"}) {
    EXPECT_EQ(sysctl_path(bad), "") << bad;
  }
}

TEST(SysctlPath, TellsWhichLinkItIsAbout) {
  EXPECT_EQ(link_of_sysctl("net/ipv4/conf/eth0.1/rp_filter"), "eth0.1");
  EXPECT_EQ(link_of_sysctl("net/ipv6/neigh/lo/gc_stale_time"), "lo");
  for (const char* none : {"net/ipv4/ip_forward", "net/ipv4/conf/all/rp_filter",
                           "net/ipv6/conf/default/accept_ra", "net/ipv4/conf/eth0"}) {
    EXPECT_EQ(link_of_sysctl(none), "") << none;
  }
}

TEST(SysctlPath, TellsWhatANewLinkGets) {
  EXPECT_EQ(default_of_sysctl("net/ipv4/conf/eth0/rp_filter"), "net/ipv4/conf/default/rp_filter");
  EXPECT_EQ(default_of_sysctl("net/ipv4/neigh/eth0/locktime"), "net/ipv4/neigh/lo/locktime");
  EXPECT_EQ(default_of_sysctl("net/ipv4/ip_forward"), "net/ipv4/ip_forward");
  EXPECT_EQ(default_of_sysctl("net/ipv4/conf/all/rp_filter"), "net/ipv4/conf/all/rp_filter");
  EXPECT_EQ(default_of_sysctl("net/mpls/conf/eth0/input"), "");
  EXPECT_EQ(sysctl_of_link("net/ipv6/neigh/lo/locktime", "a.b"), "net/ipv6/neigh/a.b/locktime");
  EXPECT_EQ(sysctl_of_link("net/ipv4/ip_forward", "eth0"), "net/ipv4/ip_forward");
}

}  // namespace
}  // namespace netyard::test
