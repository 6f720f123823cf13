// SPDX-License-Identifier: Apache-2.0
// Words for the fields of kinds, from their tables.
#pragma once

#include <string>
#include <vector>

#include "netlink/field.h"

namespace netyard::test {

/// Words that a file may say for a field, each as format_field writes it.
inline std::vector<std::string> right_words(const Field& field) {
  std::vector<std::string> out;
  switch (field.syntax) {
    case Syntax::flag:
      return {"true", "false"};
    case Syntax::choice:
    case Syntax::words:
      for (const auto& choice : field.choices) out.emplace_back(choice.word);
      return out;
    case Syntax::number:
      for (const auto& choice : field.choices) out.emplace_back(choice.word);
      [[fallthrough]];
    case Syntax::duration:
      out.push_back(format_field(field, field.min));
      out.push_back(format_field(field, field.max));
      return out;
    case Syntax::key:
      return {"7", "1023"};
    case Syntax::address:
      if (field.attribute != 0) out.emplace_back("192.0.2.7");
      if (field.attribute6 != 0) out.emplace_back("2001:db8::7");
      return out;
    case Syntax::mac:
      return {"02:00:00:00:00:07"};
    case Syntax::prefix:
      return {field.attribute6 != 0 ? "2001:db8::/32" : "192.0.0.0/8"};
    case Syntax::range:
      return {"4000-5000"};
    case Syntax::pairs:
      return {"1:5", "2:3 4:7"};
    case Syntax::addresses:
      return {field.attribute != 0 ? "192.0.2.7 192.0.2.8" : "2001:db8::7 2001:db8::8"};
    case Syntax::macs:
      return {"02:00:00:00:00:07 02:00:00:00:00:08"};
    default:
      return {"word"};
  }
}

/// Words that no field but a text may have.
inline std::vector<std::string> wrong_words(const Field& field) {
  if (field.syntax == Syntax::text || field.syntax == Syntax::interface) return {""};
  std::vector<std::string> out = {"-1", "x", "1.5", "99999999999999999999"};
  if (field.syntax == Syntax::duration) out = {"-1s", "x", "5", "1e9s"};
  if (!is_list(field.syntax)) out.emplace_back("");
  return out;
}

}  // namespace netyard::test
