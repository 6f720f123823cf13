// SPDX-License-Identifier: Apache-2.0
// tunnel_complete.cc read backwards.
#include <arpa/inet.h>

#include "netlink/attributes.h"
#include "netlink/kinds/gre_fields.h"

namespace netyard::kinds {
namespace {

constexpr int kClassShift = 20;  // in the flow information, which is a priority and a label

std::uint64_t be16_in(const Attributes& attributes, std::uint16_t type) {
  const nlattr* found = attributes.find(type);
  return found != nullptr ? ntohs(payload<std::uint16_t>(found)) : 0;
}

std::uint64_t be32_in(const Attributes& attributes, std::uint16_t type) {
  const nlattr* found = attributes.find(type);
  return found != nullptr ? ntohl(payload<std::uint32_t>(found)) : 0;
}

// The key of one way; nullopt when there is none.
std::optional<std::uint64_t> key_of(const Attributes& attributes, std::uint16_t flags,
                                    std::uint16_t key) {
  if ((be16_in(attributes, flags) & kGreKey) == 0) return {};
  return be32_in(attributes, key);
}
std::optional<std::uint64_t> key_in(const Attributes& attributes) {
  return key_of(attributes, IFLA_GRE_IFLAGS, IFLA_GRE_IKEY);
}
std::optional<std::uint64_t> key_out(const Attributes& attributes) {
  return key_of(attributes, IFLA_GRE_OFLAGS, IFLA_GRE_OKEY);
}

struct Ways {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  bool shown = false;
};
Ways flags_of(const Attributes& attributes, std::uint64_t bit) {
  return {(be16_in(attributes, IFLA_GRE_IFLAGS) & bit) != 0 ? 1U : 0U,
          (be16_in(attributes, IFLA_GRE_OFLAGS) & bit) != 0 ? 1U : 0U,
          attributes.has(IFLA_GRE_IFLAGS) || attributes.has(IFLA_GRE_OFLAGS)};
}

std::optional<FieldValue> said(bool is_so, std::uint64_t value) {
  return is_so ? std::optional<FieldValue>(value) : std::nullopt;
}

bool flag_in(const Attributes& attributes, std::uint16_t type, std::uint32_t bit) {
  return (attributes.number(type).value_or(0) & bit) != 0;
}

}  // namespace

std::optional<FieldValue> get_both_key(const Attributes& attributes, const Field&) {
  const auto in = key_in(attributes);
  return said(in && in == key_out(attributes), in.value_or(0));
}
std::optional<FieldValue> get_in_key(const Attributes& attributes, const Field&) {
  const auto in = key_in(attributes);
  return said(in && in != key_out(attributes), in.value_or(0));
}
std::optional<FieldValue> get_out_key(const Attributes& attributes, const Field&) {
  const auto out = key_out(attributes);
  return said(out && out != key_in(attributes), out.value_or(0));
}

std::optional<FieldValue> get_both_flag(const Attributes& attributes, const Field& field) {
  const Ways ways = flags_of(attributes, field.bit);
  return said(ways.shown && ways.in == ways.out, ways.in);
}
std::optional<FieldValue> get_in_flag(const Attributes& attributes, const Field& field) {
  const Ways ways = flags_of(attributes, field.bit);
  return said(ways.in != ways.out, ways.in);
}
std::optional<FieldValue> get_out_flag(const Attributes& attributes, const Field& field) {
  const Ways ways = flags_of(attributes, field.bit);
  return said(ways.in != ways.out, ways.out);
}

std::optional<FieldValue> limit_of(const Attributes& attributes, const Field& field,
                                   std::uint16_t flags) {
  if (flag_in(attributes, flags, IP6_TNL_F_IGN_ENCAP_LIMIT)) return kNone;
  const nlattr* limit = attributes.find(field.attribute);
  return said(limit != nullptr, limit != nullptr ? payload<std::uint8_t>(limit) : 0);
}
std::optional<FieldValue> tclass_of(const Attributes& attributes, const Field& field,
                                    std::uint16_t flags) {
  if (flag_in(attributes, flags, IP6_TNL_F_USE_ORIG_TCLASS)) return kInherit;
  return said(attributes.has(field.attribute),
              be32_in(attributes, field.attribute) >> kClassShift & UINT8_MAX);
}
std::optional<FieldValue> label_of(const Attributes& attributes, const Field& field,
                                   std::uint16_t flags) {
  if (flag_in(attributes, flags, IP6_TNL_F_USE_ORIG_FLOWLABEL)) return kInheritFlow;
  return said(attributes.has(field.attribute),
              be32_in(attributes, field.attribute) & (kInheritFlow - 1));
}

}  // namespace netyard::kinds
