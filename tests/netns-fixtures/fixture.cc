// SPDX-License-Identifier: Apache-2.0
#include "netns-fixtures/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/error.h"
#include "netns/namespace.h"
#include "netns/processes.h"

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

/// Mounted cgroup hierarchies, each replaced by a fresh group of it: what is made below netyard's
/// is this test's alone. Given back, and the groups removed, when the test ends.
class OwnCgroups {
 public:
  OwnCgroups() {
    for (const auto& [point, unified] : mounted()) take(point, unified);
  }
  OwnCgroups(const OwnCgroups&) = delete;
  OwnCgroups& operator=(const OwnCgroups&) = delete;
  ~OwnCgroups() {
    if (getpid() != maker_) return;
    end_processes();
    for (const auto& point : points_) {
      run("find " + point + "/netyard -depth -type d -exec rmdir {} + 2>/dev/null");
      umount2(point.c_str(), MNT_DETACH);
      rmdir((point + name_).c_str());
    }
  }
  const std::vector<std::string>& points() const { return points_; }

 private:
  // Of a test that failed: supervisors are in our network namespace, workloads in our groups.
  void end_processes() const {
    const NamespaceIdentity own = identify(current_namespace().get());
    for (const auto& process : processes_by_namespace()) {
      if (process.identity.inode == own.inode && process.pid != maker_) kill(process.pid, SIGKILL);
    }
    for (const auto& point : points_) {
      eventually([&] {
        const Output inside =
            run("cat $(find " + point + "/netyard -name cgroup.procs 2>/dev/null) </dev/null");
        std::istringstream pids(inside.text);
        pid_t pid = 0;
        while (pids >> pid) kill(pid, SIGKILL);
        return inside.status != 0 || inside.text.empty();
      });
    }
  }

  static std::vector<std::pair<std::string, bool>> mounted() {
    std::vector<std::pair<std::string, bool>> out;
    std::ifstream file("/proc/self/mounts");
    std::string device, point, type;
    for (std::string rest; file >> device >> point >> type && std::getline(file, rest);) {
      if (type == "cgroup" || type == "cgroup2") out.emplace_back(point, type == "cgroup2");
    }
    return out;
  }

  void take(const std::string& point, bool unified) {
    const std::string fresh = point + name_;
    if (unified) hand_down(point);
    if (mkdir(fresh.c_str(), 0755) < 0) return;  // a plain user's: not ours to change
    for (const char* file : {"/cpuset.cpus", "/cpuset.mems"}) {
      std::ifstream from(point + file);
      if (from && !unified) std::ofstream(fresh + file) << from.rdbuf();
    }
    if (mount(fresh.c_str(), point.c_str(), nullptr, MS_BIND, nullptr) < 0) {
      throw system_error("mount", point);
    }
    points_.push_back(point);
  }

  static void hand_down(const std::string& point) {
    std::ifstream controllers(point + "/cgroup.controllers");
    for (std::string word; controllers >> word;) {
      std::ofstream(point + "/cgroup.subtree_control") << "+" + word;
    }
  }

  pid_t maker_ = getpid();
  std::string name_ = "/netyard-test." + std::to_string(maker_);
  std::vector<std::string> points_;
};

const OwnCgroups& own_cgroups() {
  static const OwnCgroups groups;
  return groups;
}

// What is written to /etc stays with the test. A plain user cannot write there anyhow.
void own_etc() {
  if (mkdir("/run/etc", 0755) < 0 || mkdir("/run/etc/upper", 0755) < 0 ||
      mkdir("/run/etc/work", 0755) < 0) {
    throw system_error("create", "/run/etc");
  }
  const char* options = "lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work";
  if (mount("none", "/etc", "overlay", 0, options) == 0) {
    std::filesystem::remove_all(
        "/etc/netns");  // the tests start from none, whatever the machine has
  } else if (access("/etc", W_OK) == 0) {
    throw system_error("mount", "/etc");
  }
}

void isolate() {
  if (geteuid() != 0) become_root_of_user_namespace();
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) throw system_error("create", "namespaces");
  if (mount("", "/", "none", MS_PRIVATE | MS_REC, nullptr) < 0)
    throw system_error("detach", "mounts");
  own_cgroups();
  if (mount("none", "/run", "tmpfs", 0, nullptr) < 0) throw system_error("mount", "/run");
  own_etc();
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

void add_groups(const std::string& directory, std::set<std::string>& lines) {
  DIR* entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  lines.insert(directory);
  while (const dirent* entry = readdir(entries)) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
      add_groups(directory + "/" + entry->d_name, lines);
    }
  }
  closedir(entries);
}

// Whoever is in our network namespace. Workloads are not; their groups show them.
void add_processes(std::set<std::string>& lines) {
  const NamespaceIdentity own = identify(current_namespace().get());
  for (const auto& process : processes_by_namespace()) {
    const bool here = process.identity.inode == own.inode && process.pid != getpid();
    if (here) lines.insert("process " + process.command);
  }
}

void add_children(std::set<std::string>& lines) {
  std::ifstream children("/proc/thread-self/children");
  for (std::string pid; children >> pid;) {
    std::ifstream file("/proc/" + pid + "/cmdline");
    std::string command;
    std::getline(file, command);
    lines.insert("child " + command);
  }
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
  add_directory("/etc/netns", out.lines_);
  if (access("/etc/netns", F_OK) == 0) out.lines_.insert("/etc/netns");
  add_directory("/proc/self/fd", out.lines_);
  for (const auto& point : own_cgroups().points()) add_groups(point + "/netyard", out.lines_);
  add_processes(out.lines_);
  out.lines_.insert("nft " + run("nft list ruleset 2>/dev/null").text);
  add_lines("/proc/self/mountinfo", out.lines_);
  // Modules that a test makes the kernel load put links into every namespace.
  static const std::set<std::string> kOfModules = {"gre0",     "gretap0", "erspan0", "sit0",
                                                   "tunl0",    "ip6tnl0", "ip6gre0", "ip_vti0",
                                                   "ip6_vti0", "teql0"};
  for (const auto& link : ip_json("", "link show")) {
    const std::string name = link["ifname"];
    if (!kOfModules.contains(name)) out.lines_.insert("link " + name);
  }
  for (const auto& address : ip_json("", "addr show"))
    out.lines_.insert(address["addr_info"].dump());
  add_children(out.lines_);
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
