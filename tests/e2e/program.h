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

/// A lab of the text of a file that is up for as long as it lives.
class Lab {
 public:
  explicit Lab(const std::string& text) : file_(text), up_(netyard("up " + file_.path())) {
    EXPECT_EQ(up_.status, 0) << up_.text;
  }
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;
  ~Lab() {
    const Output down = netyard("down");
    EXPECT_EQ(down.status, 0) << down.text;
  }

 private:
  LabFile file_;
  Output up_;
};

}  // namespace netyard::test
