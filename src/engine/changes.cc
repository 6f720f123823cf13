// SPDX-License-Identifier: Apache-2.0
#include "engine/changes.h"

#include <iterator>

#include "engine/compared.h"

namespace netyard {

Plan Changes::plan(const std::string& lab) const {
  Plan out;
  out.lab = lab;
  out.again = true;
  for (const auto& change : list) out.steps.push_back(change.step);
  return out;
}

Changes find_changes(const Wish& next, const Present& present, Snapshot live) {
  const LiveModel model(next, present, std::move(live));
  const Before before(present.before);
  const Compared compared{*next.topology, *next.plan, present, model, before};
  Changes out;
  out.diagnostics = model.diagnostics();
  out.list = find_removals(compared);
  std::size_t links_end = 0;
  std::vector<Change> additions = find_additions(compared, links_end);
  std::vector<Change> links = find_link_changes(compared);
  additions.insert(additions.begin() + static_cast<std::ptrdiff_t>(links_end),
                   std::move_iterator(links.begin()), std::move_iterator(links.end()));
  out.list.insert(out.list.end(), std::move_iterator(additions.begin()),
                  std::move_iterator(additions.end()));
  return out;
}

std::string render_changes(const Topology& topology, const Changes& changes) {
  static constexpr char kSigns[] = {'+', '~', '-'};
  std::string out;
  for (const auto& change : changes.list) {
    out += kSigns[static_cast<std::size_t>(change.sign)];
    out += " " + describe(topology, change.step.operation);
    if (!change.was.empty()) out += " (was: " + change.was + ")";
    out += "\n";
  }
  return out;
}

}  // namespace netyard
