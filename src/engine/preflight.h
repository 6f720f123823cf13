// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/diagnostics.h"
#include "engine/record.h"
#include "topology/plan.h"

namespace netyard {

/// Looks, before any change, for what would make a plan fail on this machine now: missing
/// privilege, namespace names and host links that are taken, host links that are missing or carry
/// addresses, link kinds this kernel lacks, too few file descriptors. Fills in what `record` must
/// know of links to be taken. Mistakes go to diagnostics, at the place in the file that asks; lack
/// of privilege throws. `standing`: of the lab as it is up; what is in that is in nobody's way.
void preflight(const Topology& topology, LabRecord& record, const LabRecord* standing,
               Diagnostics& diagnostics);

/// A new network namespace that goes with its descriptor. Throws Error.
FileDescriptor scratch_namespace();

/// Whether this kernel can make a kind of link: makes one in a scratch namespace and looks at the
/// answer. Needs CAP_SYS_ADMIN. Throws Error.
bool kernel_has(const LinkKind& kind);
/// The same for a queueing discipline.
bool kernel_has(const QdiscKind& kind);

}  // namespace netyard
