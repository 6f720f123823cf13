// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "netlink/field.h"

namespace netyard {

/// What every interface has, whatever its kind: queue length, alias, group, limits of offloads, and
/// the flags of netdevice(7). net/core/rtnetlink.c.
std::span<const Field> link_fields();
const Field* find_link_field(std::string_view key);

/// True for fields that are no attribute but flags in the header of the message.
bool is_link_flag(const Field& field);

}  // namespace netyard
