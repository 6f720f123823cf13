// SPDX-License-Identifier: Apache-2.0
#include "engine/kinds.h"

#include "base/error.h"
#include "engine/preflight.h"
#include "netlink/link_fields.h"

namespace netyard {
namespace {

std::vector<KindSummary::Key> keys_of(std::span<const Field> fields) {
  std::vector<KindSummary::Key> out;
  for (const auto& field : fields) {
    out.push_back({field.key, describe_values(field), field.fallback, field.help,
                   field.option != nullptr ? field.option : "", field.required});
  }
  return out;
}

KindSummary summarize(const LinkKind& kind) {
  KindSummary out;
  out.name = kind.name;
  out.help = kind.help;
  out.kernel_option = kind.kernel_option;
  out.example = kind.example;
  const bool stacked = kind.ordering == LinkClass::stacked;
  out.parent = kind.parent_required ? "required" : stacked ? "possible" : "";
  out.keys = keys_of(kind.fields);
  for (auto& key : keys_of(kind.device_fields)) out.keys.push_back(std::move(key));
  for (const auto& key : kind.structured) {
    out.keys.push_back({key.key, key.values, "",
                        std::string(key.help) + (key.secret ? "; never shown" : ""), "", false});
  }
  out.port_keys = keys_of(kind.port_fields);
  return out;
}

template <class Kind>
std::optional<bool> ask_kernel(const Kind& kind) {
  try {
    return kernel_has(kind);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<KindSummary> list_kinds(bool probe, const std::string& only) {
  std::vector<KindSummary> out;
  for (const LinkKind* kind : link_kinds()) {
    if (!only.empty() && only != kind->name) continue;
    out.push_back(summarize(*kind));
    if (probe) out.back().available = ask_kernel(*kind);
  }
  return out;
}

std::vector<KindSummary::Key> common_keys() {
  return keys_of(link_fields());
}

std::vector<KindSummary> list_qdiscs() {
  std::vector<KindSummary> out;
  for (const QdiscKind* kind : qdisc_kinds()) {
    KindSummary summary;
    summary.name = kind->name;
    summary.help = kind->help;
    summary.kernel_option = kind->kernel_option;
    summary.keys = keys_of(kind->fields);
    summary.available = ask_kernel(*kind);
    out.push_back(std::move(summary));
  }
  return out;
}

}  // namespace netyard
