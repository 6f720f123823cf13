// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/record.h"

namespace netyard {

/// What there is to know a lab by.
enum class RecordState {
  none,          // nothing at all
  good,          // a record of this boot
  earlier_boot,  // a record, but nothing that it names is there any more
  lost           // no record that can be read; this one is rebuilt from the kernel
};

struct FoundRecord {
  RecordState state = RecordState::none;
  LabRecord record;     // not of `none`
  std::string problem;  // of `lost`: what is wrong with the file; "" when there is none
};

/// The record of a lab; when it is gone or damaged, what the kernel shows of the namespaces that
/// carry the lab's mark: names, identities, interfaces and which are pairs, with the host too; and
/// the file when its sources are there. Not links taken from the host. Throws Error, ENOTSUP for a
/// record of a later netyard.
FoundRecord find_record(const std::string& lab);

/// Labs of which there is a record, or a marked namespace. Sorted.
std::vector<std::string> known_labs();

}  // namespace netyard
