// SPDX-License-Identifier: Apache-2.0
// What both forms of image have: a configuration and a list of layers.
#include "process/image/manifest.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <iterator>
#include <string_view>

#include "process/image/json.h"

namespace netyard::image {
namespace {

// The kernel's names of machines and those of Go, which images use.
constexpr struct {
  std::string_view machine, architecture;
} kArchitectures[] = {
    {"x86_64", "amd64"}, {"aarch64", "arm64"}, {"i686", "386"},
    {"armv7l", "arm"},   {"armv6l", "arm"},    {"loongarch64", "loong64"},
};

}  // namespace

std::string digits(const std::string& digest, const Blame& blame) {
  constexpr std::string_view prefix = "sha256:";
  std::string hex = digest.starts_with(prefix) ? digest.substr(prefix.size()) : "";
  if (hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string::npos)
    return hex;
  throw blame.error(fmt::format("digest \"{}\" is not sha256 and 64 digits", digest));
}

std::vector<std::string> diff_ids(const std::string& config, std::size_t layers,
                                  const Blame& blame) {
  const JsonObject image = JsonObject::parse(config, blame);
  const std::string platform = image.text("os") + "/" + image.text("architecture");
  if (platform != native_platform()) {
    throw blame.error(
        fmt::format("is for {}, and this machine is {}", platform, native_platform()));
  }
  auto ids = image.object("rootfs").texts_or_none("diff_ids");
  if (ids.size() != layers) {
    throw blame.error(fmt::format("has {} diff_ids for {} layers", ids.size(), layers));
  }
  for (const auto& id : ids) digits(id, blame);
  return ids;
}

std::string native_platform() {
  utsname machine{};
  uname(&machine);
  for (const auto& row : kArchitectures) {
    if (row.machine == machine.machine) return "linux/" + std::string(row.architecture);
  }
  return std::string("linux/") + machine.machine;
}

ImageConfig parse_config(const std::string& text, const Blame& blame) {
  const JsonObject config = JsonObject::parse(text, blame).object_or_none("config");
  return {config.texts_or_none("Entrypoint"), config.texts_or_none("Cmd"),
          config.texts_or_none("Env"), config.text_or_none("User"),
          config.text_or_none("WorkingDir")};
}

}  // namespace netyard::image
