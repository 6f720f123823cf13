// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/drift.h"
#include "engine/record.h"
#include "netlink/observe_qdisc.h"

namespace netyard {

/// One end of a link of a running lab.
struct LinkEnd {
  std::string node;
  std::string interface;
  std::string netns;
  friend bool operator==(const LinkEnd&, const LinkEnd&) = default;
  std::string name() const { return node + ":" + interface; }
};

/// The end that "NODE:INTERFACE" means; with `both` its peer, too, where that is in a node. Throws
/// Error, with the nearest name, when there is no such end.
std::vector<LinkEnd> find_ends(const std::string& lab, const std::string& end, bool both);
/// All ends of the lab but lo.
std::vector<LinkEnd> all_ends(const std::string& lab);

/// What was done to an end.
struct LinkResult {
  LinkEnd end;
  std::vector<std::string> words;  // the impairments that it has now
  std::vector<std::string> warnings;
};

/// Sets an end up or down. All of these throw Error, and keep what they changed in the record.
void set_link_state(const std::string& lab, const LinkEnd& end, bool up);

/// Sets links up that `link down` set down, with the routes and addresses that they had then. The
/// caller holds the lab's lock, and saves the record. Returns how many.
std::size_t raise_links(LabRecord& record);

/// Reads "delay=20ms"; "none" or 0 takes a word back. Throws Error with the sentence that a file
/// with the word would get.
Settings parse_words(const std::vector<std::string>& list);
/// Changes the impairments of what an end sends, by one message; what is not said stays as it is.
LinkResult set_impairments(const std::string& lab, const LinkEnd& end, const Settings& words);
/// Gives an end back what the file says: up, and its impairments or qdiscs.
LinkResult reset_link(const std::string& lab, const LinkEnd& end);

/// An end as it is now.
struct LinkView {
  LinkEnd end;
  std::string peer;
  LinkState state;
  LinkCounters counters;
  std::optional<Settings> words;  // nullopt: its qdiscs are not made of words
  std::vector<QdiscState> qdiscs;
  std::vector<Difference> differences;
};
/// Looks at ends; those of one node in one go. One that is gone is left out.
std::vector<LinkView> look_at_ends(const std::string& lab, const std::vector<LinkEnd>& ends);

/// The socket in the namespace of an end, and what is recorded of it.
struct OpenEnd {
  Socket socket;
  LinkState state;
  RecordedInterface recorded;
};
OpenEnd open_end(const LabRecord& record, const LinkEnd& end);

}  // namespace netyard
