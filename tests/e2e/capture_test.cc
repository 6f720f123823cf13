// SPDX-License-Identifier: Apache-2.0
// `netyard capture`, read back by tcpdump.
#include <signal.h>

#include <fstream>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

class CaptureTest : public CleanNetnsTest {
 protected:
  void TearDown() override {
    run("rm -f /run/*.pcapng /run/out /run/err");
    CleanNetnsTest::TearDown();
  }
};

const char* const kLab = R"(name: cap
nodes: {a: {}, b: {}}
links:
- {endpoints: [a, b], subnet: 10.0.0.0/24}
- {endpoints: [a, b], subnet: 10.0.1.0/24}
)";

std::string contents(const std::string& path) {
  return run("cat " + path).text;
}

/// A capture in the background, which has begun.
class Background {
 public:
  explicit Background(const std::string& arguments) {
    pid_ = run(NETYARD_PROGRAM " capture " + arguments + " >/run/out 2>/run/err & echo $!").text;
    EXPECT_TRUE(eventually(
        [] { return contents("/run/err").find("capturing on") != std::string::npos; }, kSoon))
        << contents("/run/err");
  }
  /// Until it has ended by itself, or after a signal.
  void wait(int signal = 0) {
    const pid_t pid = std::stoi(pid_);
    if (signal != 0) kill(pid, signal);
    EXPECT_TRUE(eventually([&] { return kill(pid, 0) < 0; }, kSoon));
  }

 private:
  std::string pid_;
};

std::string pings(const std::string& address, int count) {
  return netyard(fmt::format("exec a -- ping -q -n -i 0.01 -c {} -W 5 {}", count, address)).text;
}

std::string read(const std::string& file) {
  return run("tcpdump -n -t -r /run/" + file + " 2>/dev/null").text;
}

TEST_F(CaptureTest, CountsAndFilters) {
  const Lab lab(kLab);
  Background capture("a:eth0 -w /run/a.pcapng -c 4 -f 'icmp and host 10.0.0.2'");
  pings("10.0.1.2", 2);
  pings("10.0.0.2", 2);
  capture.wait();
  const std::string text = read("a.pcapng");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;
  EXPECT_EQ(text.find("IP 10.0.0.1 > 10.0.0.2: ICMP echo request"), 0U) << text;
  EXPECT_EQ(contents("/run/err"),
            "capturing on a:eth0\na:eth0: 4 packets, 0 dropped by the kernel\n");
}

TEST_F(CaptureTest, SeveralInterfacesInOneFileByName) {
  const Lab lab(kLab);
  Background capture("a b:eth1 -w /run/all.pcapng -f icmp");
  pings("10.0.0.2", 1);
  pings("10.0.1.2", 1);
  const auto complete = [] {
    const std::string text = read("all.pcapng");
    return std::count(text.begin(), text.end(), '\n') == 6;
  };
  EXPECT_TRUE(eventually(complete, kSoon)) << read("all.pcapng");
  capture.wait(SIGINT);
  const std::string said = contents("/run/err");
  for (const char* line : {"a:eth0: 2 packets", "a:eth1: 2 packets", "b:eth1: 2 packets"}) {
    EXPECT_NE(said.find(line), std::string::npos) << said;
  }
  for (const char* name : {"a:eth0", "a:eth1", "b:eth1"}) {
    EXPECT_EQ(run(std::string("grep -c ") + name + " -a /run/all.pcapng").status, 0) << name;
  }
}

TEST_F(CaptureTest, StandardOutputIsAPipeLikeAnyOther) {
  const Lab lab(kLab);
  const Output out = run("(sleep 0.3; " NETYARD_PROGRAM
                         " exec a -- ping -q -n -c 1 10.0.0.2 >/dev/null) & " NETYARD_PROGRAM
                         " capture b:eth0 -f icmp -c 2 -w - 2>/dev/null | tcpdump -n -t -r - "
                         "2>/dev/null; wait");
  EXPECT_EQ(std::count(out.text.begin(), out.text.end(), '\n'), 2) << out.text;
  // A reader that goes away ends the capture, though no packet comes.
  const Output gone = run("timeout 20 " NETYARD_PROGRAM
                          " capture b:eth0 -w - 2>/dev/null | head -c 4 >/dev/null; "
                          "echo ${PIPESTATUS:-done}");
  EXPECT_EQ(gone.text, "done\n");
}

TEST_F(CaptureTest, TextSaysWhichInterfaceItIs) {
  const Lab lab(kLab);
  Background both("a:eth0 b:eth0 -f icmp");
  pings("10.0.0.2", 1);
  const auto seen = [](const char* line) {
    return eventually([&] { return contents("/run/out").find(line) != std::string::npos; }, kSoon);
  };
  EXPECT_TRUE(seen("a:eth0 | ")) << contents("/run/out");
  EXPECT_TRUE(seen("b:eth0 | ")) << contents("/run/out");
  EXPECT_TRUE(seen("10.0.0.2 > 10.0.0.1: ICMP echo reply")) << contents("/run/out");
  both.wait(SIGTERM);
  Background one("a:eth0 -c 1 -f icmp");
  pings("10.0.0.2", 1);
  one.wait();
  EXPECT_NE(contents("/run/out").find("IP 10.0.0.1 > 10.0.0.2: ICMP echo request"),
            std::string::npos);
}

TEST_F(CaptureTest, AnInterfaceThatGoesAwayEndsIt) {
  const Lab lab("name: cap\nnodes: {a: {}}\nlinks:\n- {type: ifb, endpoint: a:x0}\n");
  Background capture("a:x0 -w /run/a.pcapng");
  run("ip -n cap.a link del x0");
  capture.wait();
  EXPECT_NE(contents("/run/err").find("a:x0: 0 packets, 0 dropped by the kernel; "),
            std::string::npos)
      << contents("/run/err");
}

TEST_F(CaptureTest, MistakesAreSaid) {
  const Lab lab(kLab);
  const auto said = [](const std::string& arguments) {
    return netyard("capture -w /run/x.pcapng " + arguments).text;
  };
  EXPECT_NE(said("a:eth7").find("find interface eth7 of a: the node has no such interface"),
            std::string::npos);
  EXPECT_NE(said("c").find("the lab has no such node"), std::string::npos);
  EXPECT_NE(said("a:eth0 -f 'host and'").find("compile filter host and: "), std::string::npos);
  EXPECT_EQ(run("ls /run/*.pcapng 2>/dev/null").text, "") << "no file of a capture that is none";
  EXPECT_NE(netyard("capture a:eth0 -w /nowhere/x").text.find("No such file"), std::string::npos);
  const Output tty = run("script -qec '" NETYARD_PROGRAM " capture a:eth0 -w -' /dev/null");
  EXPECT_NE(tty.text.find("captured packets to a terminal: they are no text"), std::string::npos)
      << tty.text;
}

}  // namespace
}  // namespace netyard::test
