// SPDX-License-Identifier: Apache-2.0
#include "netlink/kinds/gre_fields.h"

namespace netyard::kinds {
namespace {

// Flags of the attribute that `like` has, one bit each.
Field flag_like(const Field& like, std::uint64_t bit) {
  Field out = like;
  out.bit = bit;
  return out;
}

constexpr Field gre_flag(std::uint16_t attribute, const char* name, std::uint64_t bit) {
  return {.key = "flag",
          .attribute = attribute,
          .attribute_name = name,
          .syntax = Syntax::flag,
          .wire = Wire::be16,
          .bit = bit};
}

constexpr Field kKeyIn = gre_flag(IFLA_GRE_IFLAGS, "IFLA_GRE_IFLAGS", kGreKey);
constexpr Field kKeyOut = gre_flag(IFLA_GRE_OFLAGS, "IFLA_GRE_OFLAGS", kGreKey);
constexpr Field kChecksumOut = gre_flag(IFLA_GRE_OFLAGS, "IFLA_GRE_OFLAGS", kGreChecksum);
constexpr Field kSequenceOut = gre_flag(IFLA_GRE_OFLAGS, "IFLA_GRE_OFLAGS", kGreSequence);
constexpr Field kOutKey = {
    .key = "okey", NETYARD_ATTRIBUTE(IFLA_GRE_OKEY), .syntax = Syntax::key, .wire = Wire::be32};

// What a key of a file brings along: the same the other way, and the flag that makes it count.
struct Implied {
  const char* key;
  const Field* field;
  bool same_value;  // else 1
};
constexpr Implied kImplied[] = {{"key", &kOutKey, true},     {"key", &kKeyIn, false},
                                {"key", &kKeyOut, false},    {"ikey", &kKeyIn, false},
                                {"okey", &kKeyOut, false},   {"csum", &kChecksumOut, true},
                                {"seq", &kSequenceOut, true}};

constexpr Field kGreFlow = {.key = "flowinfo",
                            NETYARD_ATTRIBUTE(IFLA_GRE_FLOWINFO),
                            .syntax = Syntax::number,
                            .wire = Wire::be32};
constexpr Field kGreFlags = {.key = "flags",
                             NETYARD_ATTRIBUTE(IFLA_GRE_FLAGS),
                             .syntax = Syntax::flag,
                             .wire = Wire::u32,
                             .bit = 1};

// IPv6 flags are fields of a table: a setting points at one that outlives it.
const Field& kept_flag(const Field& flags, std::uint64_t bit) {
  static const Field kTunnel[] = {flag_like(kGreFlags, IP6_TNL_F_IGN_ENCAP_LIMIT),
                                  flag_like(kGreFlags, IP6_TNL_F_USE_ORIG_TCLASS),
                                  flag_like(kGreFlags, IP6_TNL_F_USE_ORIG_FLOWLABEL)};
  static const Field kOther[] = {flag_like(flags, IP6_TNL_F_IGN_ENCAP_LIMIT),
                                 flag_like(flags, IP6_TNL_F_USE_ORIG_TCLASS),
                                 flag_like(flags, IP6_TNL_F_USE_ORIG_FLOWLABEL)};
  const auto& table = &flags == &kGreFlags ? kTunnel : kOther;
  std::size_t index = 0;
  while (table[index].bit != bit) ++index;
  return table[index];
}

}  // namespace

void complete_gre(std::vector<FieldSetting>& settings) {
  const std::vector<FieldSetting> given = settings;
  for (const auto& implied : kImplied) {
    const FieldValue* value = find_value(given, implied.key);
    if (value == nullptr) continue;
    settings.push_back({implied.field, implied.same_value ? *value : FieldValue(std::uint64_t{1})});
  }
}

void complete_ip6(std::vector<FieldSetting>& settings, const Field& flow, const Field& flags) {
  struct Word {
    const char* key;
    std::uint64_t word;  // that is a flag
    std::uint64_t bit;
    int shift;  // into the flow information; -1: not part of it
  };
  constexpr Word kWords[] = {{"encaplimit", kNone, IP6_TNL_F_IGN_ENCAP_LIMIT, -1},
                             {"tclass", kInherit, IP6_TNL_F_USE_ORIG_TCLASS, 20},
                             {"flowlabel", kInheritFlow, IP6_TNL_F_USE_ORIG_FLOWLABEL, 0}};
  std::uint64_t flow_information = 0;
  for (const Word& one : kWords) {
    const FieldValue* value = find_value(settings, one.key);
    if (value == nullptr) continue;
    const auto number = std::get<std::uint64_t>(*value);
    if (number != one.word && one.shift < 0) continue;
    std::erase_if(settings,
                  [&](const auto& s) { return std::string_view(one.key) == s.field->key; });
    if (number == one.word) {
      settings.push_back({&kept_flag(flags, one.bit), std::uint64_t{1}});
    } else {
      flow_information |= number << one.shift;
    }
  }
  if (flow_information != 0) settings.push_back({&flow, flow_information});
}

void complete_gre4(std::vector<FieldSetting>& settings) {
  complete_gre(settings);
}

void complete_gre6(std::vector<FieldSetting>& settings) {
  complete_gre(settings);
  complete_ip6(settings, kGreFlow, kGreFlags);
}

}  // namespace netyard::kinds
