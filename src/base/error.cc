// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <fmt/format.h>
#include <string.h>

#include <cerrno>
#include <utility>

namespace netyard {

Error::Error(int code, std::string operation, std::string object)
    : code_(code), operation_(std::move(operation)), object_(std::move(object)) {
  compose();
}

void Error::compose() {
  what_ = operation_;
  if (!object_.empty()) what_ += " " + object_;
  if (code_ != 0) what_ += ": " + errno_sentence(code_);
  if (!reason_.empty()) what_ += ": " + reason_;
}

Error& Error::kernel(std::string sentence, std::string attribute) {
  kernel_ = std::move(sentence);
  attribute_ = std::move(attribute);
  return *this;
}

Error& Error::reason(std::string sentence) {
  reason_ = std::move(sentence);
  compose();
  return *this;
}

Error& Error::hint(std::string sentence) {
  hint_ = std::move(sentence);
  return *this;
}

Error& Error::origin(const Location& where) {
  if (!origin_) origin_ = where;
  return *this;
}

std::string Error::render() const {
  std::string out;
  if (origin_) out += origin_.to_string() + ": ";
  out += what_ + "\n";
  if (!kernel_.empty() && !attribute_.empty()) {
    out += fmt::format("    kernel: {} (attribute {})\n", kernel_, attribute_);
  } else if (!kernel_.empty()) {
    out += fmt::format("    kernel: {}\n", kernel_);
  } else if (!attribute_.empty()) {
    out += fmt::format("    attribute: {}\n", attribute_);
  }
  out += origin_.excerpt();
  if (!hint_.empty()) out += fmt::format("    hint: {}\n", hint_);
  return out;
}

Error system_error(std::string operation, std::string object) {
  return {errno, std::move(operation), std::move(object)};
}

std::string errno_sentence(int code) {
  const char* text = strerrordesc_np(code);
  return text != nullptr ? text : fmt::format("errno {}", code);
}

}  // namespace netyard
