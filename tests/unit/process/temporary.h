// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace netyard::test {

/// A directory of a test's own, gone with it.
class Temporary {
 public:
  Temporary() {
    char name[] = "/tmp/netyard-unit-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Temporary() { std::filesystem::remove_all(path_); }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  const std::string& path() const { return path_; }
  std::string put(const std::string& name, const std::string& text) const {
    std::string where = path_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(where).parent_path());
    std::ofstream(where) << text;
    return where;
  }

 private:
  std::string path_;
};

}  // namespace netyard::test
