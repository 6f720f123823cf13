// SPDX-License-Identifier: Apache-2.0
#include "engine/root_file_system.h"

#include "base/error.h"
#include "process/image.h"

namespace netyard {
namespace {

void fill_in(Workload& workload, const ImageConfig& config) {
  if (workload.argv.empty()) {
    workload.argv = config.entrypoint;
    workload.argv.insert(workload.argv.end(), config.command.begin(), config.command.end());
  }
  // The workload's own words come later, and win.
  workload.env.insert(workload.env.begin(), config.env.begin(), config.env.end());
  if (workload.user.empty()) workload.user = config.user;
  if (workload.cwd.empty()) workload.cwd = config.cwd;
}

}  // namespace

Workload with_root_directory(Workload workload) {
  if (workload.rootfs.empty()) return workload;
  RootImage image = open_root_image(workload.rootfs, image_cache());
  workload.rootfs = std::move(image.directory);
  fill_in(workload, image.config);
  return workload;
}

std::vector<WorkloadProblem> check_on_machine(const Workload& workload) {
  auto problems = check_rootfs(workload);
  if (!problems.empty()) return problems;
  try {
    return check_machine(with_root_directory(workload));
  } catch (const Error& error) {
    problems.push_back({"rootfs", workload.rootfs, error.what(), error.hint()});
    return problems;
  }
}

}  // namespace netyard
