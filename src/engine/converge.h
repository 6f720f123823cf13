// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/lab.h"

namespace netyard {

/// Changes a lab that is up, or was on its way, into what the file says; the caller holds its lock.
/// When a step fails, or is interrupted, the lab is changed back into what it was asked to be
/// before.
void converge(const LoadedLab& lab, LabRecord standing, const ExecutionHooks& hooks,
              UpResult& result);

/// What converge() would do first.
Changes first_changes(const LoadedLab& lab, const LabRecord& standing);

}  // namespace netyard
