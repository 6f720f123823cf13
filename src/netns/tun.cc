// SPDX-License-Identifier: Apache-2.0
#include "netns/tun.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/file_descriptor.h"

namespace netyard {
namespace {

constexpr const char* kDevice = "/dev/net/tun";

FileDescriptor open_device() {
  FileDescriptor fd(open(kDevice, O_RDWR | O_CLOEXEC));
  if (fd.get() >= 0) return fd;
  Error error = system_error("open", kDevice);
  if (error.code() == ENOENT || error.code() == ENODEV || error.code() == ENXIO) {
    error.hint("this kernel has no tun (CONFIG_TUN), or the machine no /dev/net/tun");
  }
  throw error;
}

void call(const FileDescriptor& fd, unsigned long request, unsigned long argument,
          const TunDevice& device, const char* what) {
  if (ioctl(fd.get(), request, argument) < 0) throw system_error(what, device.name);
}

short flags_of(const TunDevice& device) {
  int flags = device.tap ? IFF_TAP : IFF_TUN;
  if (device.multi_queue) flags |= IFF_MULTI_QUEUE;
  if (!device.packet_information) flags |= IFF_NO_PI;
  if (device.vnet_header) flags |= IFF_VNET_HDR;
  return static_cast<short>(flags);
}

}  // namespace

void create_tun(const TunDevice& device) {
  const FileDescriptor fd = open_device();
  if (device.ifindex != 0) {
    unsigned index = device.ifindex;
    if (ioctl(fd.get(), TUNSETIFINDEX, &index) < 0) throw system_error("number", device.name);
  }
  ifreq request{};
  std::memcpy(request.ifr_name, device.name.data(),
              std::min<std::size_t>(device.name.size(), IFNAMSIZ - 1));
  request.ifr_flags = flags_of(device);
  // Another name of another link would be attached to: the plan has none, and EXCL makes sure.
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_TUN_EXCL);
  if (ioctl(fd.get(), TUNSETIFF, &request) < 0) throw system_error("create link", device.name);
  if (device.owner) call(fd, TUNSETOWNER, *device.owner, device, "set owner of");
  if (device.group) call(fd, TUNSETGROUP, *device.group, device, "set group of");
  call(fd, TUNSETPERSIST, 1, device, "keep");
}

void require_tun() {
  open_device();
}

}  // namespace netyard
