// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "process/image/blame.h"

namespace netyard::image {

/// A JSON object in a file of an image. What is missing or of the wrong type throws Error.
class JsonObject {
 public:
  /// The file's text.
  static JsonObject parse(const std::string& text, const Blame& blame);
  /// The file's text, a list of objects.
  static std::vector<JsonObject> parse_list(const std::string& text, const Blame& blame);

  std::string text(const char* key) const;
  /// "" when it is missing or null.
  std::string text_or_none(const char* key) const;
  std::uint64_t number(const char* key) const;
  std::vector<std::string> texts(const char* key) const;
  /// Empty when it is missing or null.
  std::vector<std::string> texts_or_none(const char* key) const;
  JsonObject object(const char* key) const;
  /// An empty one when it is missing or null.
  JsonObject object_or_none(const char* key) const;
  std::vector<JsonObject> objects(const char* key) const;
  const Blame& blame() const { return blame_; }

 private:
  JsonObject(nlohmann::json value, Blame blame);
  bool none(const char* key) const;
  const nlohmann::json& member(const char* key, bool (nlohmann::json::*is)() const noexcept,
                               const char* type) const;

  nlohmann::json value_;
  Blame blame_;
};

}  // namespace netyard::image
