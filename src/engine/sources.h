// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "topology/spec.h"

namespace netyard {

/// What a lab was read from, and what was said with it: enough to read it again as it was.
struct LabSources {
  std::string path;
  spec::LoadOptions options;
  std::map<std::string, std::string> files;  // text by path, included ones too
};

/// The sources of a lab, "/run/netyard/LAB.sources": those it was made from; while it is changed
/// also those it is changed to. For its owner's eyes, for there may be keys in them. Throws Error.
void save_sources(const std::string& lab, const std::vector<LabSources>& sources);
/// Empty when there are none that can be read: it is not known then what was asked for.
std::vector<LabSources> load_sources(const std::string& lab);
void remove_sources(const std::string& lab);

}  // namespace netyard
