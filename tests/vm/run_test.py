#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of tests/vm/run."""
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parent / "run"

CHECK = r"""
printf '<%s>' "$0" "$@"
pwd
for number in $(seq 20000); do echo "line $number"; done
printf '\0\377\r\n' >/dev/stdout
echo words >&2
uname -n >"$NETYARD_VM_OUT/name"
touch /left-by-the-vm-test
cd /sys/fs/cgroup
echo '+cpu +io +memory +pids' >cgroup.subtree_control
mkdir one
cat one/cgroup.controllers
exit 7
"""

CHECK_V1 = """
mkdir /sys/fs/cgroup/memory/one
echo 64M >/sys/fs/cgroup/memory/one/memory.limit_in_bytes && echo ok
findmnt -n -o TARGET -t cgroup | wc -l
findmnt -n -o TARGET -t cgroup2
true
"""


class RunTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.temporary = self.place / "tmp"
        self.temporary.mkdir()
        self.environment = os.environ | {"TMPDIR": str(self.temporary)}

    def tearDown(self):
        self.assertEqual(list(self.temporary.iterdir()), [])

    def run_vm(self, *arguments):
        return subprocess.run([RUN, *arguments], env=self.environment, cwd="/usr/share",
                              stdin=subprocess.DEVNULL, capture_output=True)

    def test_the_command_is_as_if_run_here(self):
        words = ["a b", "", "it's", '"$HOME"', "back\\slash", "two\nlines", "*", "-x", "ü"]
        done = self.run_vm("--out", str(self.place / "a,b"), "sh", "-c", CHECK, *words)
        lines = "".join(f"line {number}\n" for number in range(1, 20001))
        said = "".join(f"<{word}>" for word in words) + "/usr/share\n" + lines
        said = said.encode() + b"\0\xff\r\nwords\ncpu io memory pids\n"
        self.assertEqual(done.stdout, said, done.stderr)
        self.assertEqual(done.returncode, 7)
        self.assertEqual((self.place / "a,b/name").read_text(), "netyard-vm\n")
        self.assertFalse(pathlib.Path("/left-by-the-vm-test").exists())

    def test_cgroup_v1(self):
        for mode, version2 in [("v1", ""), ("hybrid", "/sys/fs/cgroup/unified\n")]:
            done = self.run_vm("--cgroup", mode, "sh", "-c", CHECK_V1)
            self.assertEqual(done.stdout.decode(), "ok\n8\n" + version2, done.stderr)
            self.assertEqual(done.returncode, 0)

    def test_a_panic_is_a_failure_of_the_machine(self):
        done = self.run_vm("sh", "-c", "echo before; echo c >/proc/sysrq-trigger; sleep 100")
        self.assertEqual(done.returncode, 125)
        self.assertEqual(done.stdout, b"before\n")
        self.assertIn(b"vm: the machine ended before the command\n", done.stderr)
        self.assertIn(b"Kernel panic - not syncing: sysrq triggered crash", done.stderr)

    def test_the_time_is_limited(self):
        done = self.run_vm("--timeout", "2", "sleep", "1000")
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"vm: not done after 2 seconds\n", done.stderr)

    def test_wrong_usage(self):
        for words, said in [([], "no command given"), (["--memory", "x"], "invalid int value")]:
            done = self.run_vm(*words)
            self.assertEqual(done.returncode, 125)
            self.assertIn(said, done.stderr.decode())

    def test_an_interrupt_ends_the_machine(self):
        with subprocess.Popen([RUN, "sh", "-c", "echo started; sleep 1000"], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as runner:
            self.assertEqual(runner.stdout.readline(), b"started\n")
            children = pathlib.Path(f"/proc/{runner.pid}/task/{runner.pid}/children")
            machine = pathlib.Path("/proc", children.read_text().strip())
            self.assertEqual((machine / "comm").read_text(), "qemu-system-x86\n")
            runner.send_signal(signal.SIGINT)
            self.assertEqual(runner.wait(), 130)
        self.assertFalse(machine.exists())


if __name__ == "__main__":
    unittest.main()
