// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "netns-fixtures/fixture.h"

namespace netyard::test {

/// Runs netyard with arguments as a shell would read them.
inline Output netyard(const std::string& arguments) {
  return run(NETYARD_PROGRAM " " + arguments);
}

inline std::string example(const std::string& name) {
  return std::string(NETYARD_EXAMPLES "/") + name + ".yaml";
}

/// A file of a test's own, gone with it.
class LabFile {
 public:
  explicit LabFile(const std::string& text, const std::string& path = "/run/lab.yaml")
      : path_(path) {
    FILE* file = fopen(path.c_str(), "w");
    fputs(text.c_str(), file);
    fclose(file);
  }
  LabFile(const LabFile&) = delete;
  LabFile& operator=(const LabFile&) = delete;
  ~LabFile() { remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace netyard::test
