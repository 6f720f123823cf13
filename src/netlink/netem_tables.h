// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace netyard {

/// The table of a delay distribution for TCA_NETEM_DELAY_DIST: quantiles with mean 0, in parts of
/// 8192 of a standard deviation (net/sched/sch_netem.c, tabledist). `name` is uniform, normal,
/// pareto, paretonormal, or the path of a file as tc-netem(8) reads them: whole numbers, and lines
/// that begin with '#'. Throws Error for a file that cannot be read or is none.
std::vector<std::int16_t> netem_table(const std::string& name);

}  // namespace netyard
