// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/qdisc.h"

namespace netyard {

/// The words for impairments: those of netem, and `queue` and `burst`. A dot in a key is a mapping
/// in the file: `loss.gemodel.p`.
std::span<const Field> impairment_fields();

/// What is wrong with impairments as a whole, and which word to blame.
struct WordProblem {
  std::string key;
  std::string message;
  std::string hint;
  bool warning = false;
};
/// mtu in bytes; 0: 1500.
std::vector<WordProblem> check_impairments(const Settings& words, std::uint64_t mtu);

/// The qdisc that does what the words say: tbf for a rate alone, netem for all else; nullopt for no
/// words. Its limit is worked out: see docs/impairments.md. Handle and ifindex are left open.
std::optional<Qdisc> impairment_qdisc(const Settings& words, std::uint64_t mtu);
/// The words that a qdisc stands for, without what impairment_qdisc works out; nullopt for one that
/// no words make. `declared` are words that the kernel does not show: queue, distribution.
std::optional<Settings> impairments_of(const Qdisc& qdisc, const Settings& declared,
                                       std::uint64_t mtu);

/// Reads a word of impairments; "none" and, for what has one, 0 take it back: an empty text or 0.
/// False and what was expected in `problem` on a mistake.
bool parse_impairment(const Field& field, std::string_view text, FieldValue& value,
                      std::string& problem);
/// True for a value that takes a word back.
bool is_none(const FieldValue& value);
/// Puts `over` on top of `words`, key by key; what it takes back goes.
void overlay_words(Settings& words, const FieldSetting& over);
/// "delay=20ms rate=10mbit"; a class or qdisc as the command line has it.
std::string format_words(const Settings& words);

}  // namespace netyard
