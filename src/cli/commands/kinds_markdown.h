// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/kinds.h"

namespace netyard::cli {

/// The page docs/kinds.md.
std::string kinds_markdown(const std::vector<KindSummary>& kinds,
                           const std::vector<KindSummary::Key>& common);

}  // namespace netyard::cli
