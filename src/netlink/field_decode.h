// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "netlink/attributes.h"
#include "netlink/field.h"

namespace netyard {

/// The value of a field among attributes of the kernel, or of one of our messages: put_field read
/// backwards. nullopt when it is not there, or is one that no file could say, as 0 for "none".
std::optional<FieldValue> get_field(const Attributes& attributes, const Field& field);
/// All that are there, in the order of the table.
Settings get_fields(const Attributes& attributes, std::span<const Field> fields);

}  // namespace netyard
