// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

#include "e2e/workloads.h"

namespace netyard::test {

/// Ends with nothing: labs, namespaces, files.
class ExportTest : public CleanNetnsTest {
 protected:
  void TearDown() override;
};

/// Exports (`words`: what, and options), removes by the command `remove`, makes it of the file
/// under the name `again`, and compares two looks by ip(8), tc(8), bridge(8), wg(8), nft(8) at each
/// of `nodes`, namespaces by the names of their nodes. `expected` makes of the first look what was
/// said to become of it.
void expect_same(
    const std::map<std::string, std::string>& nodes, const std::string& words,
    const std::string& remove,
    const std::function<std::string(std::string)>& expected = [](std::string look) {
      return look;
    });

}  // namespace netyard::test
