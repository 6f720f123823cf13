// SPDX-License-Identifier: Apache-2.0
#include "engine/host_table.h"

#include <sstream>

#include "engine/nft.h"

namespace netyard {
namespace {

constexpr std::string_view kOurs = "table ip netyard_";

std::string output_of_nft(std::vector<std::string> words) {
  const CommandResult result = run_command(nft(std::move(words), -1), [] { return false; });
  return result.ok() ? result.output : "";
}

}  // namespace

std::string host_table_of(const std::string& lab) {
  const std::string table = "netyard_" + lab;
  const std::string shown = output_of_nft({"list", "table", "ip", table});
  return shown.find("\n\tcomment \"netyard:" + lab + "\"\n") == std::string::npos ? "" : table;
}

std::vector<std::string> labs_with_host_table() {
  std::vector<std::string> out;
  std::istringstream tables(output_of_nft({"list", "tables"}));
  for (std::string line; std::getline(tables, line);) {
    if (!line.starts_with(kOurs)) continue;
    const std::string lab = line.substr(kOurs.size());
    if (!host_table_of(lab).empty()) out.push_back(lab);
  }
  return out;
}

}  // namespace netyard
