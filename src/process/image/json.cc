// SPDX-License-Identifier: Apache-2.0
#include "process/image/json.h"

#include <fmt/format.h>

namespace netyard::image {
namespace {

using nlohmann::json;

json parse_text(const std::string& text, const Blame& blame) {
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    throw blame.error(fmt::format("is no JSON from byte {} on", error.byte));
  } catch (const json::out_of_range&) {
    throw blame.error("has a number that is too large");
  }
}

}  // namespace

JsonObject::JsonObject(json value, Blame blame)
    : value_(std::move(value)), blame_(std::move(blame)) {
  if (!value_.is_object()) throw blame_.error("holds something else where an object belongs");
}

JsonObject JsonObject::parse(const std::string& text, const Blame& blame) {
  return {parse_text(text, blame), blame};
}

std::vector<JsonObject> JsonObject::parse_list(const std::string& text, const Blame& blame) {
  const json list = parse_text(text, blame);
  if (!list.is_array()) throw blame.error("is not a list");
  return JsonObject(json{{"list", list}}, blame).objects("list");
}

bool JsonObject::none(const char* key) const {
  const auto found = value_.find(key);
  return found == value_.end() || found->is_null();
}

const json& JsonObject::member(const char* key, bool (json::*is)() const noexcept,
                               const char* type) const {
  if (none(key)) throw blame_.error(fmt::format("has no \"{}\"", key));
  const json& value = *value_.find(key);
  if (!(value.*is)()) throw blame_.error(fmt::format("\"{}\" is not {}", key, type));
  return value;
}

std::string JsonObject::text(const char* key) const {
  return member(key, &json::is_string, "a string").get<std::string>();
}

std::string JsonObject::text_or_none(const char* key) const {
  return none(key) ? std::string() : text(key);
}

std::uint64_t JsonObject::number(const char* key) const {
  return member(key, &json::is_number_unsigned, "a number from 0 up").get<std::uint64_t>();
}

std::vector<std::string> JsonObject::texts(const char* key) const {
  std::vector<std::string> out;
  for (const json& item : member(key, &json::is_array, "a list")) {
    if (!item.is_string()) throw blame_.error(fmt::format("\"{}\" is not a list of strings", key));
    out.push_back(item.get<std::string>());
  }
  return out;
}

std::vector<std::string> JsonObject::texts_or_none(const char* key) const {
  return none(key) ? std::vector<std::string>() : texts(key);
}

JsonObject JsonObject::object(const char* key) const {
  return {member(key, &json::is_object, "an object"), blame_};
}

JsonObject JsonObject::object_or_none(const char* key) const {
  return none(key) ? JsonObject(json::object(), blame_) : object(key);
}

std::vector<JsonObject> JsonObject::objects(const char* key) const {
  std::vector<JsonObject> out;
  for (const json& item : member(key, &json::is_array, "a list")) {
    out.push_back(JsonObject(item, blame_));
  }
  return out;
}

}  // namespace netyard::image
