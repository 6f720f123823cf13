// SPDX-License-Identifier: Apache-2.0
// The TTL of vxlan and geneve, where "inherit" is an attribute of its own.
#pragma once

#include "netlink/attributes.h"
#include "netlink/kinds/table.h"

namespace netyard::kinds {

/// `presence`: in a request the attribute has no bytes; the kernel answers with one.
inline std::optional<FieldValue> ttl_of(const Attributes& attributes, const Field& field,
                                        std::uint16_t inherit, bool presence) {
  const nlattr* flag = attributes.find(inherit);
  const bool bare = flag != nullptr && bytes_of(flag).empty() && presence;
  if (bare || (flag != nullptr && payload<std::uint8_t>(flag) != 0)) return kInherit;
  const nlattr* ttl = attributes.find(field.attribute);
  if (ttl == nullptr) return {};
  return std::uint64_t{payload<std::uint8_t>(ttl)};
}

}  // namespace netyard::kinds
