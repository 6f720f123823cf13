// SPDX-License-Identifier: Apache-2.0
#include "engine/kinds.h"

#include "base/error.h"
#include "engine/preflight.h"

namespace netyard {

namespace {

template <class Kind>
std::vector<KindSummary> summarize(std::span<const Kind* const> kinds) {
  std::vector<KindSummary> out;
  for (const Kind* kind : kinds) {
    KindSummary summary{kind->name, kind->help, kind->kernel_option, {}, {}};
    for (const auto& field : kind->fields) {
      summary.keys.push_back({field.key, field.help, field.required});
    }
    try {
      summary.available = kernel_has(*kind);
    } catch (const Error&) {
      summary.available = std::nullopt;
    }
    out.push_back(std::move(summary));
  }
  return out;
}

}  // namespace

std::vector<KindSummary> list_kinds() {
  return summarize(link_kinds());
}

std::vector<KindSummary> list_qdiscs() {
  return summarize(qdisc_kinds());
}

}  // namespace netyard
