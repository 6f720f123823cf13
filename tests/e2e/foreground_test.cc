// SPDX-License-Identifier: Apache-2.0
// `up --foreground`: what a service manager sees of a lab.
#include "e2e/program.h"

namespace netyard::test {
namespace {

using ForegroundTest = CleanNetnsTest;

constexpr const char* kManager = R"(
import os, signal, socket, subprocess, sys
path = '/run/notify'
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
listener.settimeout(30)
lab = subprocess.Popen(sys.argv[1:], env={**os.environ, 'NOTIFY_SOCKET': path}, stdout=subprocess.DEVNULL)
print(listener.recv(4096).decode())
print(sorted(os.listdir('/run/netns')))
lab.send_signal(signal.SIGTERM)
print(listener.recv(4096).decode())
print(lab.wait(30))
os.unlink(path)
)";

TEST_F(ForegroundTest, TellsAServiceManagerAndGoesWithSigterm) {
  const LabFile lab(
      "name: x\nnodes:\n  a: {run: {w: {command: sleep 60, ready: {file: /etc/hostname}}}}\n");
  const LabFile manager(kManager, "/run/manager.py");
  const Output out =
      run("python3 " + manager.path() + " " NETYARD_PROGRAM " up --foreground " + lab.path());
  EXPECT_EQ(out.text, "READY=1\nSTATUS=lab x is up\n['x.a']\nSTOPPING=1\n0\n");
  EXPECT_EQ(run("ls /run/netns").text, "");
}

TEST_F(ForegroundTest, EndsWhenSomebodyElseTakesTheLabDown) {
  const LabFile lab("name: x\nnodes:\n  a: {}\n");
  const Output out = run(NETYARD_PROGRAM " up --foreground " + lab.path() +
                         " >/dev/null & pid=$!; while ! " NETYARD_PROGRAM
                         " ls | grep -q ' up '; do sleep 0.01; done; " NETYARD_PROGRAM
                         " down x; wait $pid; echo $?");
  EXPECT_TRUE(out.text.ends_with("\n0\n")) << out.text;
}

}  // namespace
}  // namespace netyard::test
