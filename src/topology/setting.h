// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/location.h"
#include "netlink/field.h"

namespace netyard::spec {

/// A field of a kind as the file gives it.
struct Setting {
  FieldSetting setting;
  Location at;
};

}  // namespace netyard::spec
