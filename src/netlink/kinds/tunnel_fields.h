// SPDX-License-Identifier: Apache-2.0
// What the tables of IP tunnels have in common.
#pragma once

#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>

#include "netlink/kinds/table.h"

namespace netyard::kinds {

inline constexpr Choice kInheritTtl[] = {{"inherit", 0}};

inline constexpr Choice kInheritTos[] = {{"inherit", 1}};

inline constexpr Choice kEncaps[] = {
    {"none", TUNNEL_ENCAP_NONE}, {"fou", TUNNEL_ENCAP_FOU}, {"gue", TUNNEL_ENCAP_GUE}};

// Words that are flags of their own for IPv6 outside.
inline constexpr std::uint64_t kNone = 256;
inline constexpr std::uint64_t kInheritFlow = 0x100000;

inline constexpr Choice kNoLimit[] = {{"none", kNone}};

inline constexpr Choice kInheritClass[] = {{"inherit", kInherit}};

inline constexpr Choice kInheritLabel[] = {{"inherit", kInheritFlow}};

/// For IPv6 outside: traffic class and flow label share an attribute, their words are flags.
void complete_ip6(std::vector<FieldSetting>& settings, const Field& flow, const Field& flags);

/// Adds to the settings what `key`, `seq` and `csum` stand for, and the flags that say that there
/// are keys.
void complete_gre(std::vector<FieldSetting>& settings);

}  // namespace netyard::kinds
