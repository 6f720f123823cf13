// SPDX-License-Identifier: Apache-2.0
#include "engine/sources.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "engine/record.h"

namespace netyard {
namespace spec {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LoadOptions, vars, name, directory, instance)
}
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LabSources, path, options, files)

namespace {

constexpr std::size_t kLargest = std::size_t{256} << 20;

std::string path_of(const std::string& lab) {
  return run_file(lab, ".sources");
}

}  // namespace

void save_sources(const std::string& lab, const std::vector<LabSources>& sources) {
  const std::string path = path_of(lab);
  const std::string temporary = path + ".new";
  try {
    const FileDescriptor file =
        open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
    write_all(file.get(), nlohmann::json(sources).dump(), temporary);
  } catch (const Error& error) {
    unlink(temporary.c_str());
    throw Error(error.code(), "write sources of lab", lab).reason(temporary);
  }
  if (rename(temporary.c_str(), path.c_str()) < 0) throw system_error("replace", path);
}

std::vector<LabSources> load_sources(const std::string& lab) {
  try {
    return nlohmann::json::parse(read_file(path_of(lab), kLargest)).get<std::vector<LabSources>>();
  } catch (const Error& error) {
    log::debug(error.what());
  } catch (const nlohmann::json::exception& broken) {
    log::debug(path_of(lab) + ": " + broken.what());
  }
  return {};
}

void remove_sources(const std::string& lab) {
  remove_file(path_of(lab));
  remove_file(path_of(lab) + ".new");
}

}  // namespace netyard
