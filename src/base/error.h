// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

#include "base/location.h"

namespace netyard {

/// The one exception type: an operation on an object that failed.
/// what() is one line: "create link vx0 in r1: Numerical result out of range".
class Error : public std::exception {
 public:
  /// code is an errno value, or 0 when no system call stands behind the failure.
  /// operation is a verb and a noun ("create link"), object what it was done to ("vx0 in r1").
  Error(int code, std::string operation, std::string object = {});

  /// The kernel's own sentence (NLMSGERR_ATTR_MSG) and the attribute it points at; either may be
  /// "".
  Error& kernel(std::string sentence, std::string attribute = {});
  /// A sentence of ours that stands in for, or follows, strerror(code).
  Error& reason(std::string sentence);
  /// What the user can do about it.
  Error& hint(std::string sentence);
  /// Where the file asks for the operation. The first origin set stays.
  Error& origin(const Location& where);

  int code() const { return code_; }
  const std::string& operation() const { return operation_; }
  const std::string& object() const { return object_; }
  const std::string& kernel() const { return kernel_; }
  const std::string& attribute() const { return attribute_; }
  const std::string& reason() const { return reason_; }
  const std::string& hint() const { return hint_; }
  const Location& origin() const { return origin_; }

  const char* what() const noexcept override { return what_.c_str(); }
  /// All of it, over several lines, with the place in the file; ends in a line break.
  std::string render() const;

 private:
  void compose();

  int code_;
  std::string operation_, object_, kernel_, attribute_, reason_, hint_;
  Location origin_;
  std::string what_;
};

/// An Error with the current errno.
Error system_error(std::string operation, std::string object = {});
/// strerror without its locks: "Operation not permitted".
std::string errno_sentence(int code);

}  // namespace netyard
