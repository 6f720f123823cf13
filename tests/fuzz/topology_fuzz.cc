// SPDX-License-Identifier: Apache-2.0
// A topology file: read, resolved, planned and told, as by `check` and `plan`. Files that it
// includes have the same text.
#include "fuzz/input.h"
#include "topology/plan.h"
#include "topology/topology.h"

using namespace netyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  Diagnostics diagnostics;
  const auto read = [&](const std::string&) { return text; };
  spec::LoadOptions options;
  options.directory = "/";
  fuzz::may_refuse([&] {
    const spec::File file = spec::load("lab.yaml", read, options, diagnostics);
    if (diagnostics.has_errors()) return;
    const Topology topology = resolve(file, diagnostics);
    if (diagnostics.has_errors()) return;
    for (const auto& step : make_plan(topology).steps) {
      fuzz::require(!operation_of(step.operation).empty(), "every step says what it does");
      object_of(topology, step.operation);
    }
    for (const auto& node : topology.nodes) {
      if (node.ruleset) node.ruleset->text();
    }
  });
  diagnostics.render();
  return 0;
}
