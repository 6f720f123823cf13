// SPDX-License-Identifier: Apache-2.0
#include "netlink/kind.h"

#include <algorithm>

#include "netlink/kinds/kinds.h"

namespace netyard {
namespace {

constexpr const LinkKind* kKinds[] = {
    &kinds::veth,   &kinds::bridge,    &kinds::dummy,     &kinds::vlan,    &kinds::bond,
    &kinds::vrf,    &kinds::vxlan,     &kinds::geneve,    &kinds::macvlan, &kinds::macvtap,
    &kinds::ipvlan, &kinds::ipvtap,    &kinds::wireguard, &kinds::gre,     &kinds::gretap,
    &kinds::ip6gre, &kinds::ip6gretap, &kinds::erspan,    &kinds::ipip,    &kinds::sit,
    &kinds::ip6tnl, &kinds::vti,       &kinds::vti6,      &kinds::xfrm,    &kinds::macsec,
    &kinds::tun,    &kinds::tap,       &kinds::netkit,    &kinds::ifb,     &kinds::nlmon,
    &kinds::vcan,   &kinds::vxcan};

const Field* find_in(std::span<const Field> fields, std::string_view key) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return key == f.key; });
  return found == fields.end() ? nullptr : &*found;
}

bool is_one_of(std::string_view words, std::string_view word) {
  const bool none_of = words.starts_with('!');
  if (none_of) words.remove_prefix(1);
  bool found = words.empty();
  while (!words.empty() && !found) {
    const std::size_t end = std::min(words.find('|'), words.size());
    found = words.substr(0, end) == word;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return found != none_of;
}

const FieldSetting* setting_of(std::span<const FieldSetting> settings, std::string_view key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const auto& s) { return key == s.field->key; });
  return found == settings.end() ? nullptr : &*found;
}

bool matches(const FieldSetting* setting, const char* words) {
  return setting != nullptr && is_one_of(words, format_field(*setting->field, setting->value));
}

bool differ_in_family(const FieldSetting& a, const FieldSetting& b) {
  const auto* one = std::get_if<IpAddress>(&a.value);
  const auto* other = std::get_if<IpAddress>(&b.value);
  return one != nullptr && other != nullptr && one->family != other->family;
}

}  // namespace

std::span<const LinkKind* const> link_kinds() {
  return kKinds;
}

const LinkKind* find_link_kind(std::string_view name) {
  for (const LinkKind* kind : kKinds) {
    if (name == kind->name) return kind;
  }
  return nullptr;
}

const Field* LinkKind::find(std::string_view key) const {
  const Field* found = find_in(fields, key);
  return found != nullptr ? found : find_in(device_fields, key);
}

const Field* LinkKind::find_port_field(std::string_view key) const {
  return find_in(port_fields, key);
}

const FieldRule* broken_rule(const LinkKind& kind, std::span<const FieldSetting> settings) {
  for (const auto& rule : kind.rules) {
    const FieldSetting* subject = setting_of(settings, rule.key);
    if (!matches(subject, rule.words)) continue;
    const FieldSetting* other = setting_of(settings, rule.other);
    const bool holds = rule.relation == Relation::needs ? matches(other, rule.other_words)
                       : rule.relation == Relation::excludes
                           ? !matches(other, rule.other_words)
                           : other == nullptr || !differ_in_family(*subject, *other);
    if (!holds) return &rule;
  }
  return nullptr;
}

}  // namespace netyard
