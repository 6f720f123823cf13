// SPDX-License-Identifier: Apache-2.0
#include "topology/reader.h"

#include <fmt/format.h>

#include <cctype>

#include "netlink/link.h"

namespace netyard::spec {

bool Reader::expect(const Tree& value, Tree::Kind kind, const char* what) {
  if (value.kind == kind) return true;
  error(value.at, fmt::format("expected {}, found {}", what, value.describe()));
  return false;
}

std::optional<Located<std::string>> Reader::text(const Tree& value, const char* what) {
  if (!value.is_scalar() || value.is_null()) {
    error(value.at, fmt::format("expected {}, found {}", what, value.describe()));
    return {};
  }
  return Located<std::string>{expand(value.text, value.at), value.at};
}

std::string Reader::expand(const std::string& text, const Location& at) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char following = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] != '$' || (following != '$' && following != '{')) {
      out += text[i];
      continue;
    }
    if (following == '$') {
      out += text[++i];
      continue;
    }
    const std::size_t end = text.find('}', i);
    if (end == std::string::npos) {
      error(at, "'${' is not closed by '}'", "write $$ for a plain $");
      return out;
    }
    const std::string name = text.substr(i + 2, end - i - 2);
    const auto found = variables_.find(name);
    if (found != variables_.end()) {
      out += found->second.value;
    } else {
      std::vector<std::string> known;
      for (const auto& [key, unused] : variables_) known.push_back(key);
      error(at, "variable '" + name + "' is not set", did_you_mean(name, known));
    }
    i = end;
  }
  return out;
}

std::optional<Located<std::uint32_t>> Reader::number(const Tree& value, std::uint32_t min,
                                                     std::uint32_t max) {
  const auto out = integer(value, min, max);
  if (!out) return {};
  return Located<std::uint32_t>{static_cast<std::uint32_t>(*out), value.at};
}

std::optional<Located<std::string>> Reader::interface_name(const Tree& value) {
  auto word = text(value, "an interface name");
  if (!word) return {};
  if (const auto problem = interface_name_problem(word->value); !problem.empty()) {
    error(value.at, problem);
    return {};
  }
  return word;
}

std::optional<Located<std::string>> Reader::name(const Tree& value, const char* what) {
  auto word = text(value, what);
  if (!word) return {};
  if (const auto problem = name_problem(word->value); !problem.empty()) {
    error(value.at, fmt::format("'{}' is no {}: {}", word->value, what, problem));
    return {};
  }
  return word;
}

std::optional<Located<IpAddress>> Reader::address(const Tree& value) {
  const auto word = text(value, "an IP address");
  if (!word) return {};
  const auto out = IpAddress::parse(word->value);
  if (!out) {
    error(value.at, fmt::format("'{}' is no IP address", word->value));
    return {};
  }
  return Located<IpAddress>{*out, value.at};
}

namespace {

// What keeps an address from being one of an interface; "" when nothing does.
std::string address_problem(const IpPrefix& prefix) {
  const IpAddress& address = prefix.address;
  if (address.is_unspecified()) return "is the unspecified address";
  if (address.is_multicast()) return "is a multicast address";
  if (address.family == Family::ipv4 && prefix.length < 31) {
    if (!prefix.has_host_bits()) return "is the address of the network, not of a host in it";
    if (prefix.broadcast() == address) return "is the broadcast address of its network";
  }
  return {};
}

}  // namespace

std::optional<Located<IpPrefix>> Reader::interface_address(const Tree& value, Family family,
                                                           bool bare_allowed) {
  const auto word = text(value, "an address with its prefix length");
  if (!word) return {};
  const auto out = IpPrefix::parse(word->value);
  if (!out) {
    error(value.at, fmt::format("'{}' is no address with a prefix length", word->value),
          family == Family::ipv4 ? "as in 10.0.0.1/24" : "as in 2001:db8::1/64");
    return {};
  }
  if (out->family() != family) {
    error(value.at, fmt::format("{} is {}, expected {} here", word->value,
                                netyard::to_string(out->family()), netyard::to_string(family)));
    return {};
  }
  if (word->value.find('/') == std::string::npos && !bare_allowed) {
    error(value.at, fmt::format("{} has no prefix length", word->value),
          fmt::format("write it: {}/{}", word->value, family == Family::ipv4 ? 24 : 64));
    return {};
  }
  if (const auto problem = address_problem(*out); !problem.empty()) {
    error(value.at, fmt::format("{} {}", out->to_string(), problem));
    return {};
  }
  return Located<IpPrefix>{*out, value.at};
}

std::vector<Located<IpPrefix>> Reader::subnets(const Tree& value) {
  std::vector<Located<IpPrefix>> out;
  std::vector<const Tree*> items;
  if (value.is_sequence()) {
    for (const auto& item : value.items) items.push_back(item.get());
  } else {
    items.push_back(&value);
  }
  for (const Tree* item : items) {
    const auto word = text(*item, "a subnet");
    if (!word) continue;
    const auto prefix = IpPrefix::parse(word->value);
    if (!prefix || word->value.find('/') == std::string::npos) {
      error(item->at, fmt::format("'{}' is no subnet", word->value), "as in 10.0.1.0/24");
    } else if (prefix->has_host_bits()) {
      error(item->at, fmt::format("{} has host bits", word->value),
            fmt::format("the subnet is {}", prefix->network().to_string()));
    } else if (prefix->address.is_multicast() || prefix->address.is_loopback() ||
               prefix->length == 0) {
      error(item->at, fmt::format("{} is no subnet for hosts", word->value));
    } else if (std::any_of(out.begin(), out.end(), [&](const auto& other) {
                 return other.value.family() == prefix->family();
               })) {
      error(item->at, fmt::format("a second {} subnet; one a family is enough",
                                  netyard::to_string(prefix->family())));
    } else {
      out.push_back({*prefix, item->at});
    }
  }
  return out;
}

std::optional<Located<MacAddress>> Reader::mac(const Tree& value) {
  const auto word = text(value, "a MAC address");
  if (!word) return {};
  const auto out = MacAddress::parse(word->value);
  if (!out) {
    error(value.at, fmt::format("'{}' is no MAC address", word->value), "as in 02:00:00:00:00:01");
    return {};
  }
  if (out->is_multicast() || out->is_zero()) {
    error(value.at, fmt::format("{} cannot be the address of a link", word->value),
          "the first byte of a unicast address is even, and the address not all zero");
    return {};
  }
  return Located<MacAddress>{*out, value.at};
}

std::optional<Setting> Reader::field(const Field& field, const Tree& value) {
  const auto word = is_list(field.syntax) ? listed(value) : text(value, "a value");
  if (!word) return {};
  Setting out{{&field, {}}, value.at};
  std::string problem;
  if (parse_field(field, word->value, out.setting.value, problem)) return out;
  error(value.at,
        fmt::format("'{}' is not right for {}: expected {}", word->value, field.key, problem),
        field.help);
  return {};
}

std::optional<Located<std::string>> Reader::listed(const Tree& value) {
  if (!value.is_sequence()) return text(value, "a value or a list");
  std::string out;
  for (const auto& item : value.items) {
    const auto word = text(*item, "a value");
    if (!word) return {};
    out += (out.empty() ? "" : " ") + word->value;
  }
  return Located<std::string>{out, value.at};
}

std::string name_problem(const std::string& name) {
  if (name.empty()) return "it is empty";
  if (name.size() > 63) return fmt::format("it has {} bytes, at most 63 are allowed", name.size());
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 && static_cast<unsigned char>(c) < 0x80;
  };
  if (!plain(name.front())) return "it must begin with a letter or a digit";
  for (const char c : name) {
    if (!plain(c) && c != '_' && c != '-') return "only letters, digits, '_' and '-' are allowed";
  }
  return {};
}

const char* to_string(NodeKind kind) {
  static constexpr const char* kWords[] = {"host", "router", "switch"};
  return kWords[static_cast<std::size_t>(kind)];
}

}  // namespace netyard::spec
