// SPDX-License-Identifier: Apache-2.0
#include "process/refusals.h"

#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "process/seccomp_profile.h"

namespace netyard {
namespace {

// The kernel's structures may be longer than those we were compiled with.
template <class T>
class Padded {
 public:
  explicit Padded(std::size_t size)
      : words_((std::max(size, sizeof(T)) + sizeof(long) - 1) / sizeof(long)) {}
  T* get() { return reinterpret_cast<T*>(words_.data()); }

 private:
  std::vector<long> words_;
};

std::string command_of(pid_t pid) {
  constexpr std::size_t kLongest = 64;
  try {
    std::string name = read_file(fmt::format("/proc/{}/comm", pid), kLongest);
    return name.substr(0, name.find('\n'));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::optional<RefusedCall> answer_refusal(int listener) {
  seccomp_notif_sizes sizes{};
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0) {
    throw system_error("ask for", "seccomp notification sizes");
  }
  Padded<seccomp_notif> question(sizes.seccomp_notif);
  Padded<seccomp_notif_resp> answer(sizes.seccomp_notif_resp);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, question.get()) < 0) return {};
  RefusedCall out;
  const seccomp_data& data = question.get()->data;
  out.name = system_call_name(data.arch, data.nr);
  out.pid = static_cast<pid_t>(question.get()->pid);
  out.command = command_of(out.pid);
  answer.get()->id = question.get()->id;
  answer.get()->error = -EPERM;
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer.get());
  return out;
}

}  // namespace netyard
