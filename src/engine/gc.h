// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/instance.h"
#include "engine/leftover.h"
#include "engine/remains.h"

namespace netyard {

/// A lab that is gone, and what is still there of it.
struct GoneLab {
  std::string name;
  std::string why;  // "it has no record", "its record is of an earlier boot"
  Remains remains;
};

struct Garbage {
  std::vector<GoneLab> labs;
  std::vector<EndedInstance> instances;  // of ephemeral labs, whose guards were killed
  std::vector<std::string> stale;        // files under /run/netns that are no namespaces
  /// Labs without a record that another command works on, or whose record is of a later netyard:
  /// left alone.
  std::vector<std::string> spared;
  std::vector<Leftover> left;  // could not be removed
};

/// Everything that netyard made and that belongs to no lab. Looks only. Throws Error.
Garbage find_garbage();
/// Removes it; returns what it was. Processes of gone labs are ended: those in their cgroups.
/// Throws Error.
Garbage remove_garbage();
/// The same of namespaces and stale files alone. Names under /run/netns.
Garbage remove_gone_namespaces();

}  // namespace netyard
