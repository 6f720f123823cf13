// SPDX-License-Identifier: Apache-2.0
// Files of a lab as a cut in the middle of writing them leaves them: empty, short, of before beside
// those of after, with what was to replace them lying about. (What was lost with the power itself
// is no case: /run is empty then.)
#include <filesystem>
#include <fstream>
#include <sstream>

#include "e2e/campaign.h"

namespace netyard::test {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// What netyard has written of lab `k`, by path.
std::map<std::string, std::string> files() {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator("/run/netyard")) {
    if (entry.is_regular_file() && !entry.is_symlink()) out[entry.path()] = text_of(entry.path());
  }
  return out;
}

class PowerCutTest : public CampaignTest {
 protected:
  // No command trips over it; `up` comes to what the file says, or says why it does not.
  void expect_clear(const std::string& when) {
    ++struck_;
    for (const std::string command : {"status k", "ls", "ps -L k"}) {
      const Output out = run("timeout -k 5 60 " NETYARD_PROGRAM " " + command);
      ASSERT_TRUE(ended(out)) << when << ": " << command << ": " << out.text;
    }
    Output up;
    if (struck_ % 2 == 0) {
      up = run("timeout -k 5 60 " NETYARD_PROGRAM " " + up_before());
      ASSERT_EQ(up.status, 0) << when << ": " << up.text;
      expect_is(*before_, when, up);
    }
    expect_down(when, up);
  }
};

TEST_P(PowerCutTest, AFileIsCutAnywhere) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  const auto names = files();
  int turn = 0;
  for (const auto& [path, text] : names) {
    for (int part = turn++ % 5; part < 16; part += everything() ? 1 : 11) {
      fs::resize_file(path, fs::file_size(path) * static_cast<unsigned>(part) / 16);
      expect_clear(fmt::format("{} cut to {}/16", path, part));
      if (HasFatalFailure()) return;
      ASSERT_EQ(netyard(up_before()).status, 0);
    }
  }
  netyard("down k");
  tell("files cut");
}

TEST_P(PowerCutTest, AFileIsOfBeforeTheChange) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  const auto names = files();
  for (const auto& [path, first] : names) {
    const std::string before = text_of(path);
    ASSERT_EQ(netyard(up_after()).status, 0);
    write(path, before);
    expect_clear(path + " is as before the change");
    if (HasFatalFailure()) return;
    ASSERT_EQ(netyard(up_before()).status, 0);
  }
  netyard("down k");
  tell("files of before a change");
}

TEST_P(PowerCutTest, WhatWasToReplaceAFileLiesAbout) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  for (const std::string file : {"k.json.new", "k.sources.new"}) {
    for (const std::string text : {"", "{\"format\": 2, \"crc32\""}) {
      write("/run/netyard/" + file, text);
      expect_clear(file + " with '" + text + "'");
      if (HasFatalFailure()) return;
      ASSERT_EQ(netyard(up_before()).status, 0);
    }
  }
  netyard("down k");
  tell("replacements left");
}

INSTANTIATE_TEST_SUITE_P(Labs, PowerCutTest, testing::Values(kNetwork, kWorkloads), name_of_labs);

}  // namespace
}  // namespace netyard::test
