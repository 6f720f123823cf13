// SPDX-License-Identifier: Apache-2.0
#include "process/probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "unit/process/temporary.h"

namespace netyard::test {
namespace {

Probe of(Probe::Kind kind) {
  Probe out;
  out.kind = kind;
  out.port = 8080;
  out.path = "/run/ready";
  out.text = "ready";
  out.argv = {"web", "--check it"};
  return out;
}

TEST(Probes, SayWhatTheyWaitFor) {
  EXPECT_EQ(describe(of(Probe::Kind::tcp)), "tcp port 8080");
  EXPECT_EQ(describe(of(Probe::Kind::udp)), "udp port 8080");
  EXPECT_EQ(describe(of(Probe::Kind::unix_)), "unix socket /run/ready");
  EXPECT_EQ(describe(of(Probe::Kind::file)), "file /run/ready");
  EXPECT_EQ(describe(of(Probe::Kind::exec)), "'web '--check it'' to succeed");
  EXPECT_EQ(describe(of(Probe::Kind::log)), "a line with 'ready'");
}

TEST(Probes, LookWithoutConnecting) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket.get(), any, size) != 0) GTEST_SKIP() << "no loopback here";
  ASSERT_EQ(getsockname(socket.get(), any, &size), 0);
  Probe probe = of(Probe::Kind::tcp);
  probe.port = ntohs(address.sin_port);
  EXPECT_FALSE(probe_holds(probe, getpid())) << "bound, and not listening";
  ASSERT_EQ(listen(socket.get(), 1), 0);
  EXPECT_TRUE(probe_holds(probe, getpid()));
  probe.kind = Probe::Kind::udp;
  EXPECT_FALSE(probe_holds(probe, getpid()));
}

TEST(Probes, OfAProcessThatIsGoneNothingHolds) {
  constexpr pid_t kNobody = 0x3fffffff;
  for (const auto kind : {Probe::Kind::tcp, Probe::Kind::udp, Probe::Kind::unix_, Probe::Kind::file,
                          Probe::Kind::exec, Probe::Kind::log}) {
    EXPECT_FALSE(probe_holds(of(kind), kNobody));
  }
}

TEST(Probes, SeeFiles) {
  const Temporary place;
  Probe probe = of(Probe::Kind::file);
  probe.path = place.path() + "/ready";
  EXPECT_FALSE(probe_holds(probe, getpid()));
  place.put("ready", "");
  EXPECT_TRUE(probe_holds(probe, getpid()));
}

}  // namespace
}  // namespace netyard::test
