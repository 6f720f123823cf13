// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/state_words.h"
#include "netlink/link.h"
#include "netlink/socket.h"

namespace netyard {

/// What the links of a namespace are set to, in the keys and words that a topology file would say
/// it with. Throws Error.
class LinkWords {
 public:
  LinkWords(int namespace_fd, const InterfaceNames& names)
      : namespace_fd_(namespace_fd), names_(names) {}

  /// The keys of every interface, `parent`, `settings` of its kind and `port` of its master's,
  /// `peers` and `associations` of a link that encrypts: never the keys it does that with.
  nlohmann::json of(const LinkState& link);

 private:
  std::uint16_t family(const char* name);
  void add_wireguard(const LinkState& link, nlohmann::json& out);
  void add_macsec(const LinkState& link, nlohmann::json& out);

  int namespace_fd_;
  const InterfaceNames& names_;
  std::optional<Socket> generic_;
};

/// A value as a file would write it: a number, true or false, a list, a text; interfaces by name.
nlohmann::json field_word(const FieldSetting& setting, const InterfaceNames& names);

}  // namespace netyard
