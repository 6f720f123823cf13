// SPDX-License-Identifier: Apache-2.0
#include "netlink/kind.h"

#include "netlink/kinds/kinds.h"

namespace netyard {
namespace {

constexpr const LinkKind* kKinds[] = {&kinds::veth, &kinds::bridge, &kinds::vxlan, &kinds::macvlan,
                                      &kinds::ifb};

}  // namespace

std::span<const LinkKind* const> link_kinds() {
  return kKinds;
}

const LinkKind* find_link_kind(std::string_view name) {
  for (const LinkKind* kind : kKinds) {
    if (name == kind->name) return kind;
  }
  return nullptr;
}

const Field* LinkKind::find(std::string_view key) const {
  for (const auto& field : fields) {
    if (key == field.key) return &field;
  }
  return nullptr;
}

}  // namespace netyard
