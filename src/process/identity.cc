// SPDX-License-Identifier: Apache-2.0
#include "process/identity.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace netyard {
namespace {

using File = std::unique_ptr<FILE, int (*)(FILE*)>;

// A file of another root, whose symbolic links stay inside it.
File open_inside(const std::string& rootfs, const char* path) {
  const FileDescriptor root = open_file(rootfs, O_PATH | O_DIRECTORY);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const auto fd = static_cast<int>(syscall(SYS_openat2, root.get(), path, &how, sizeof how));
  return {fd < 0 ? nullptr : fdopen(fd, "r"), fclose};
}

std::optional<std::uint32_t> plain_number(const std::string& text) {
  std::uint32_t value = 0;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), digit)) return {};
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::uint32_t kNobodyAtAll = ~0U;  // (uid_t)-1 means "leave it" to setresuid
  if (failed != std::errc() || value == kNobodyAtAll) return {};
  return value;
}

Error unknown(const char* kind, const std::string& word) {
  return Error(0, std::string("find ") + kind, "'" + word + "'")
      .reason(std::string("there is no such ") + kind);
}

class Database {
 public:
  explicit Database(const std::string& rootfs) : rootfs_(rootfs) {}

  const passwd* user(const std::function<bool(const passwd&)>& is) {
    const File file = open_inside(root(), "etc/passwd");
    while (passwd* entry = file ? fgetpwent(file.get()) : nullptr) {
      if (is(*entry)) return keep(*entry);
    }
    return nullptr;
  }
  const passwd* user_named(const std::string& name) {
    if (rootfs_.empty()) return getpwnam(name.c_str());
    return user([&](const passwd& entry) { return entry.pw_name == name; });
  }
  // Root is in the file itself: reading it is a tenth of asking the name service.
  const passwd* user_numbered(std::uint32_t uid) {
    if (rootfs_.empty() && uid != 0) return getpwuid(uid);
    const passwd* found = user([&](const passwd& entry) { return entry.pw_uid == uid; });
    return found == nullptr && rootfs_.empty() ? getpwuid(uid) : found;
  }
  std::optional<std::uint32_t> group_named(const std::string& name) {
    if (rootfs_.empty()) {
      const group* found = getgrnam(name.c_str());
      if (found == nullptr) return {};
      return found->gr_gid;
    }
    const File file = open_inside(rootfs_, "etc/group");
    while (const group* entry = file ? fgetgrent(file.get()) : nullptr) {
      if (entry->gr_name == name) return entry->gr_gid;
    }
    return {};
  }

  std::uint32_t group_of(const std::string& word) {
    if (const auto number = plain_number(word)) return *number;
    if (const auto found = group_named(word)) return *found;
    throw unknown("group", word);
  }

 private:
  std::string root() const { return rootfs_.empty() ? "/" : rootfs_; }

  // fgetpwent's entry lives until the next call.
  const passwd* keep(const passwd& entry) {
    kept_ = entry;
    name_ = entry.pw_name;
    home_ = entry.pw_dir;
    kept_.pw_name = name_.data();
    kept_.pw_dir = home_.data();
    return &kept_;
  }

  std::string rootfs_, name_, home_;
  passwd kept_{};
};

}  // namespace

Identity resolve_identity(const std::string& user, const std::vector<std::string>& groups,
                          const std::string& rootfs) {
  Database database(rootfs);
  Identity out;
  const std::size_t colon = user.find(':');
  const std::string who = user.empty() ? "0" : user.substr(0, colon);
  const auto number = plain_number(who);
  const passwd* entry = number ? database.user_numbered(*number) : database.user_named(who);
  if (!number && entry == nullptr) throw unknown("user", who);
  out.uid = number ? *number : entry->pw_uid;
  // A number that nobody has is in no group of anybody's: its own.
  out.gid = entry != nullptr ? entry->pw_gid : out.uid;
  if (entry != nullptr) {
    out.name = entry->pw_name;
    out.home = entry->pw_dir;
  }
  if (colon != std::string::npos) out.gid = database.group_of(user.substr(colon + 1));
  for (const auto& group : groups) out.groups.push_back(database.group_of(group));
  return out;
}

bool in_initial_user_namespace() {
  constexpr std::size_t kLargestMap = std::size_t{64} << 10;
  static const bool initial = [] {
    std::istringstream map(read_file("/proc/self/uid_map", kLargestMap));
    std::uint64_t inside = 0, outside = 0, count = 0;
    constexpr std::uint64_t kAll = ~std::uint32_t{0};
    return map >> inside >> outside >> count && inside == outside && count == kAll;
  }();
  return initial;
}

}  // namespace netyard
