// SPDX-License-Identifier: Apache-2.0
// What workloads write, and `logs`.
#include <sstream>

#include "e2e/workloads.h"

namespace netyard::test {
namespace {

using ServicesLogsTest = CleanNetnsTest;

// It is ready when it has written, and stays.
std::string writer(const std::string& name, const std::string& script,
                   const std::string& more = "") {
  return name + ": {command: [sh, -c, '" + script +
         "; echo end; exec sleep 999'], ready: {log: end}" + more + "}";
}

std::string numbers(int first, int last) {
  std::string out;
  for (int i = first; i <= last; ++i) out += std::to_string(i) + "\n";
  return out;
}

TEST_F(ServicesLogsTest, PrefixTailTimesAndJson) {
  const Lab lab(with_workloads(
      {writer("w", "echo one; echo two"), writer("longer", "exec >&2; echo three", ", after: w")}));
  EXPECT_EQ(netyard("logs").text,
            "a/w      | one\na/w      | two\na/w      | end\n"
            "a/longer | three\na/longer | end\n");
  EXPECT_EQ(netyard("logs -n 1").text, "a/w      | end\na/longer | end\n");
  EXPECT_EQ(netyard("logs a/w -n 2").text, "a/w | two\na/w | end\n");
  EXPECT_EQ(run(NETYARD_PROGRAM " logs -t a/w | grep -cE '^a/w \\| "
                                "20[0-9]{2}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}\\.[0-9]{6}Z "
                                "(one|two|end)$'")
                .text,
            "3\n");
  std::istringstream lines(netyard("logs --json a/longer").text);
  std::string line;
  std::getline(lines, line);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["workload"], "a/longer");
  EXPECT_EQ(json["stream"], "stderr");
  EXPECT_EQ(json["text"], "three");
  EXPECT_TRUE(json["time"].get<std::string>().ends_with("Z"));
}

TEST_F(ServicesLogsTest, AnyBytesInAnyAmount) {
  const Lab lab(with_workloads({
      writer("bytes", "printf \"a\\\\000b\\\\377c\\\\r\\\\n\\\\n\""),
      writer("long", "head -c 40000 /dev/zero | tr \"\\\\000\" x; echo"),
      "unfinished: {command: [sh, -c, 'printf half'], ready: {log: never}}",
  }));
  EXPECT_EQ(netyard("logs a/bytes | cat -v").text,
            "a/bytes | a^@bM-^?c^M\na/bytes | \na/bytes | end\n");
  const std::string json = netyard("logs --json -n 3 a/bytes | head -n 1").text;
  EXPECT_EQ(nlohmann::json::parse(json)["text"], std::string("a\0b\xef\xbf\xbd"
                                                             "c\r",
                                                             8));
  EXPECT_EQ(netyard("logs a/long | sed 's/.* | //' | awk '{print length($0)}'").text,
            "16384\n16384\n7232\n3\n");
  EXPECT_TRUE(becomes("unfinished", "exited"));
  EXPECT_EQ(said("unfinished"), "half\n");
}

TEST_F(ServicesLogsTest, NothingWrittenBeforeDeathIsLost) {
  const Lab lab(
      with_workloads({"w: {command: [sh, -c, 'seq 3000; kill -9 $$$$'], autostart: false}"}));
  netyard("start");
  EXPECT_TRUE(becomes("w", "failed"));
  EXPECT_TRUE(said("w") == numbers(1, 3000));
}

TEST_F(ServicesLogsTest, FilesAreRotated) {
  const Lab lab(with_workloads({writer("w", "seq 3000", ", log: {size: 8K, files: 3}"),
                                writer("one", "seq 3000", ", log: {size: 8K, files: 1}")}));
  EXPECT_EQ(run("ls /run/netyard/x.d | grep w.log").text, "a.w.log\na.w.log.1\na.w.log.2\n");
  EXPECT_EQ(run("ls /run/netyard/x.d | grep one.log").text, "a.one.log\n");
  EXPECT_EQ(run("find /run/netyard/x.d -name '*.log*' -size +8192c").text, "");
  const std::string kept = said("w");
  const int first = std::stoi(kept);
  EXPECT_GT(first, 1);
  EXPECT_LT(first, 2600);
  EXPECT_TRUE(kept == numbers(first, 3000) + "end\n") << "without a gap";
}

// A follower in the background, whose output is a file.
std::string follow(const std::string& words, const std::string& then) {
  return std::string(NETYARD_PROGRAM) + " logs -f " + words + " >/run/out 2>&1 & pid=$!; " + then +
         "; wait $pid; echo ended $?";
}

std::string until_line(const std::string& line) {
  return "until grep -qs '" + line + "' /run/out; do sleep 0.01; done";
}

TEST_F(ServicesLogsTest, FollowEndsOnCtrlCAndWithTheLab) {
  const LabFile file(
      with_workloads({"w: {command: [sh, -c, 'echo one; echo two; trap \"echo bye; exit 0\" TERM; "
                      "while :; do { read x </tmp/fifo; } 2>/dev/null && echo got $$x; done'], "
                      "binds: ['/run/fifo:/tmp/fifo'], ready: {log: two}}"}));
  ASSERT_EQ(run("mkfifo -m 666 /run/fifo").status, 0);
  ASSERT_EQ(netyard("up " + file.path()).status, 0);
  const Output interrupted = run(follow("-n 1", until_line("two") + "; echo three >/run/fifo; " +
                                                    until_line("three") + "; kill -INT $pid"));
  EXPECT_EQ(interrupted.text, "ended 0\n");
  EXPECT_EQ(run("cat /run/out").text, "a/w | two\na/w | got three\n");
  const Output down =
      run(follow("a/w", until_line("three") + "; echo four >/run/fifo; " + until_line("four") +
                            "; " NETYARD_PROGRAM " down >/dev/null; echo down"));
  EXPECT_EQ(down.text, "down\nended 0\n");
  EXPECT_EQ(run("cat /run/out").text,
            "a/w | one\na/w | two\na/w | got three\na/w | got four\na/w | bye\n");
  run("rm /run/fifo /run/out");
}

TEST_F(ServicesLogsTest, FollowSeesAllThroughRotations) {
  run("mkdir /run/h");
  {
    const Lab lab(with_workloads(
        {"w: {command: [sh, -c, 'echo go; until [ -e /tmp/h/go ]; do sleep 0.01; done; "
         "seq 20000; exec sleep 999'], binds: ['/run/h:/tmp/h'], log: {size: 32K, files: 90}, "
         "ready: {log: go}}"}));
    EXPECT_EQ(run(follow("", until_line("go") + "; touch /run/h/go; " + until_line("20000$") +
                                 "; kill -TERM $pid"))
                  .text,
              "ended 0\n");
  }
  EXPECT_TRUE(run("grep -v go /run/out | sed 's/.* | //'").text == numbers(1, 20000));
  run("rm -r /run/h /run/out");
}

}  // namespace
}  // namespace netyard::test
