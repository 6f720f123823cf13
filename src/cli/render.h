// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/error.h"
#include "engine/leftover.h"

namespace netyard::cli {

/// Version of the JSON that commands print; docs/commands.md describes the shapes.
inline constexpr int kJsonVersion = 1;

/// Rows of text in columns as wide as they must be. The last column wraps at blanks to the
/// terminal's width.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) { add(std::move(heading)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// width in columns; 0: as wide as it gets.
  std::string render(std::size_t width) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Columns of the terminal on standard output; 0 when it is none.
std::size_t terminal_width();

/// Prints {"version": 1, …} to a stream.
void print_json(nlohmann::json body, std::FILE* to = stdout);
nlohmann::json to_json(const Diagnostics& diagnostics);
nlohmann::json to_json(const Error& error);
nlohmann::json to_json(const std::vector<Leftover>& left);

/// Prints diagnostics to standard error, and a line that counts them.
void print_diagnostics(const Diagnostics& diagnostics);
/// Prints an error to standard error; as JSON to standard output with `json`.
void print_error(const Error& error, bool json);
/// Lists what stayed on standard error.
void print_leftovers(const std::vector<Leftover>& left);
/// "12 ms", "1.3 s".
std::string duration(double seconds);
/// "2026-11-25 14:30:02" where the machine is; "-" for 0.
std::string clock_time(std::int64_t seconds_since_1970);
/// "1 node", "2 nodes".
std::string counted(std::size_t number, const char* noun);

}  // namespace netyard::cli
