// SPDX-License-Identifier: Apache-2.0
#include "process/probe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sstream>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/words.h"

namespace netyard {
namespace {

constexpr std::size_t kLargestMountTable = std::size_t{64} << 20;
constexpr unsigned kListening = 0x0a;  // TCP_LISTEN
constexpr unsigned kAny = 0;
constexpr unsigned long kAccepts = 1UL << 16;  // __SO_ACCEPTCON
constexpr const char* kDatagram = "0002";

std::string table(pid_t pid, const std::string& name) {
  try {
    return read_file(fmt::format("/proc/{}/net/{}", pid, name), kLargestMountTable);
  } catch (const Error&) {
    return {};
  }
}

// Lines of /proc/net/tcp and the like: "sl local_address rem_address st …", addresses as HEX:PORT.
bool has_port(pid_t pid, const std::string& name, unsigned port, unsigned state) {
  std::istringstream lines(table(pid, name));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, status;
    words >> slot >> local >> remote >> status;
    const std::size_t colon = local.find(':');
    if (colon == std::string::npos) continue;
    const bool right = state == kAny || std::stoul(status, nullptr, 16) == state;
    if (right && std::stoul(local.substr(colon + 1), nullptr, 16) == port) return true;
  }
  return false;
}

// "Num RefCount Protocol Flags Type St Inode Path"; an abstract path begins with '@'. A socket that
// has been accepted has the path of the one it came in by, without the flag of one that listens.
bool has_unix_socket(pid_t pid, const std::string& path) {
  std::istringstream lines(table(pid, "unix"));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string skipped, flags, type, name;
    words >> skipped >> skipped >> skipped >> flags >> type >> skipped >> skipped;
    std::getline(words >> std::ws, name);
    const bool takes = type == kDatagram || (std::stoul(flags, nullptr, 16) & kAccepts) != 0;
    if (takes && name == path) return true;
  }
  return false;
}

// With the workload's root: its links must not lead us out.
bool has_file(pid_t pid, const std::string& path) {
  const FileDescriptor root(
      ::open(fmt::format("/proc/{}/root", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return false;
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const FileDescriptor found(
      static_cast<int>(syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  return static_cast<bool>(found);
}

}  // namespace

bool probe_holds(const Probe& probe, pid_t init) {
  switch (probe.kind) {
    case Probe::Kind::tcp:
      return has_port(init, "tcp", probe.port, kListening) ||
             has_port(init, "tcp6", probe.port, kListening);
    case Probe::Kind::udp:
      return has_port(init, "udp", probe.port, kAny) || has_port(init, "udp6", probe.port, kAny);
    case Probe::Kind::unix_:
      return has_unix_socket(init, probe.path);
    case Probe::Kind::file:
      return has_file(init, probe.path);
    case Probe::Kind::exec:
    case Probe::Kind::log:
      break;
  }
  return false;
}

std::string describe(const Probe& probe) {
  switch (probe.kind) {
    case Probe::Kind::tcp:
      return fmt::format("tcp port {}", probe.port);
    case Probe::Kind::udp:
      return fmt::format("udp port {}", probe.port);
    case Probe::Kind::unix_:
      return "unix socket " + probe.path;
    case Probe::Kind::file:
      return "file " + probe.path;
    case Probe::Kind::exec:
      return "'" + join_words(probe.argv) + "' to succeed";
    case Probe::Kind::log:
      return "a line with '" + probe.text + "'";
  }
  return {};
}

}  // namespace netyard
