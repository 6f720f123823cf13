// SPDX-License-Identifier: Apache-2.0
#include "engine/nft_tables.h"

#include <sstream>
#include <string_view>
#include <vector>

namespace netyard {
namespace {

constexpr std::string_view kTable = "table ";
constexpr std::string_view kElements = "\t\telements = {";

bool is_filled_by_packets(const std::vector<std::string>& set) {
  for (const auto& line : set) {
    const bool flags = line.starts_with("\t\tflags ");
    const bool by_packets = line.find("dynamic") != std::string::npos;
    if (flags && (by_packets || line.find("timeout") != std::string::npos)) return true;
  }
  return false;
}

// A set, a map, a chain, … of a table, from its first line to its last.
void add_object(const std::vector<std::string>& lines, std::string& out) {
  const bool without_elements = is_filled_by_packets(lines);
  bool in_elements = false;
  for (const auto& line : lines) {
    if (without_elements && line.starts_with(kElements)) in_elements = true;
    if (!in_elements) out += line + "\n";
    if (line.ends_with('}')) in_elements = false;
  }
}

}  // namespace

NftTables nft_tables_of(const std::string& listing) {
  NftTables out;
  std::istringstream lines(listing);
  std::string* table = nullptr;
  std::vector<std::string> object;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kTable)) {
      table = &out[line.substr(kTable.size(), line.find(" {") - kTable.size())];
    } else if (table != nullptr && line.starts_with('\t')) {
      object.push_back(line);
      if (line.size() > 1 && line[1] == '\t') continue;  // goes on
      if (line.ends_with('{')) continue;                 // begins
      add_object(object, *table);
      object.clear();
    }
  }
  return out;
}

}  // namespace netyard
