// SPDX-License-Identifier: Apache-2.0
#include "netns-fixtures/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/error.h"
#include "netns/namespace.h"

namespace netyard::test {
namespace {

void put(const char* path, const std::string& text) {
  const FileDescriptor file = open_file(path, O_WRONLY);
  write_all(file.get(), text, path);
}

void become_root_of_user_namespace() {
  const std::string uid = "0 " + std::to_string(geteuid()) + " 1";
  const std::string gid = "0 " + std::to_string(getegid()) + " 1";
  if (unshare(CLONE_NEWUSER) < 0) throw system_error("create", "user namespace");
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", uid);
  put("/proc/self/gid_map", gid);
}

void isolate() {
  if (geteuid() != 0) become_root_of_user_namespace();
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) throw system_error("create", "namespaces");
  if (mount("", "/", "none", MS_PRIVATE | MS_REC, nullptr) < 0)
    throw system_error("detach", "mounts");
  if (mount("none", "/run", "tmpfs", 0, nullptr) < 0) throw system_error("mount", "/run");
}

// "" when the process is on its own now, else why it is not.
const std::string& isolation_problem() {
  static const std::string problem = []() -> std::string {
    try {
      isolate();
      return {};
    } catch (const Error& error) {
      return error.what();
    }
  }();
  return problem;
}

void add_directory(const std::string& path, std::set<std::string>& lines) {
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) return;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") lines.insert(path + "/" + name);
  }
  closedir(directory);
}

void add_lines(const std::string& path, std::set<std::string>& lines) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    // Mount ids differ from time to time; what is mounted where does not.
    std::istringstream words(line);
    std::string id, parent, device, root, point;
    words >> id >> parent >> device >> root >> point;
    lines.insert("mount " + root + " on " + point);
  }
}

}  // namespace

Output run(const std::string& line) {
  Output out;
  FILE* pipe = popen(("{ " + line + "\n} 2>&1").c_str(), "r");
  if (pipe == nullptr) throw system_error("run", line);
  char chunk[4096];
  for (std::size_t got = 0; (got = fread(chunk, 1, sizeof chunk, pipe)) > 0;) {
    out.text.append(chunk, got);
  }
  const int status = pclose(pipe);
  out.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return out;
}

nlohmann::json ip_json(const std::string& netns, const std::string& arguments) {
  const std::string where = netns.empty() ? "" : "-n " + netns + " ";
  const Output out = run("ip -j -d " + where + arguments);
  if (out.status != 0) throw Error(0, "run", "ip " + arguments).reason(out.text);
  return out.text.empty() ? nlohmann::json::array() : nlohmann::json::parse(out.text);
}

bool eventually(const std::function<bool()>& question, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!question()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void NetnsTest::SetUp() {
  const std::string& problem = isolation_problem();
  if (problem.empty()) return;
  const char* required = std::getenv("NETYARD_REQUIRE_NETNS");
  if (required != nullptr && std::string(required) == "1") FAIL() << problem;
  GTEST_SKIP() << "no namespaces here: " << problem;
}

FileDescriptor NetnsTest::make_namespace() {
  const FileDescriptor home = current_namespace();
  const NamespaceScope back(home.get());
  if (unshare(CLONE_NEWNET) < 0) throw system_error("create", "namespace");
  return current_namespace();
}

void NetnsTest::write_file(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

Traces Traces::take() {
  Traces out;
  add_directory("/run/netns", out.lines_);
  add_directory("/run/netyard", out.lines_);
  add_directory("/proc/self/fd", out.lines_);
  add_lines("/proc/self/mountinfo", out.lines_);
  for (const auto& link : ip_json("", "link show")) {
    out.lines_.insert("link " + link["ifname"].get<std::string>());
  }
  for (const auto& address : ip_json("", "addr show"))
    out.lines_.insert(address["addr_info"].dump());
  out.lines_.insert(
      "children " +
      run("pgrep -P " + std::to_string(getpid()) + " -a | grep -v pgrep | grep -v 'sh -c'").text);
  // Made by the first of all labs, as ip(8) makes it, and kept.
  std::erase_if(out.lines_, [](const std::string& line) {
    return line.ends_with(" on /run/netns") || line == "/run/netyard";
  });
  return out;
}

std::vector<std::string> Traces::new_since(const Traces& before) {
  std::vector<std::string> out;
  eventually([&] {
    out.clear();
    for (const auto& line : take().lines_) {
      if (!before.lines_.contains(line)) out.push_back(line);
    }
    return out.empty();
  });
  return out;
}

void CleanNetnsTest::SetUp() {
  NetnsTest::SetUp();
  if (!IsSkipped() && !HasFatalFailure()) before_ = Traces::take();
}

void CleanNetnsTest::TearDown() {
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(Traces::new_since(before_), std::vector<std::string>());
}

}  // namespace netyard::test
