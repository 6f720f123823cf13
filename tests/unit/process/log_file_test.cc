// SPDX-License-Identifier: Apache-2.0
#include "process/log_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "unit/process/temporary.h"

namespace netyard::test {
namespace {

std::string texts(const std::vector<LogLine>& lines) {
  std::string out;
  for (const auto& line : lines) out += line.text + "|";
  return out;
}

TEST(LogLines, AreReadAsTheyAreWritten) {
  const Temporary place;
  const std::string path = place.path() + "/log";
  LogFile log(path, {});
  log.write({1'700'000'000'000'042, false, "out"});
  log.write({1'700'000'000'500'000, true, "  err with  blanks "});
  log.write({1'700'000'001'000'000, false, ""});
  const auto lines = read_log(path, 0);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].time_us, 1'700'000'000'000'042);
  EXPECT_FALSE(lines[0].is_error);
  EXPECT_TRUE(lines[1].is_error);
  EXPECT_EQ(lines[1].text, "  err with  blanks ");
  EXPECT_EQ(lines[2].text, "");
  EXPECT_EQ(texts(read_log(path, 2)), "  err with  blanks ||");
}

TEST(LogLines, OthersAreNone) {
  LogLine line;
  for (const char* text : {"", "x", "1", "1.", "1.2", "1.2 o", "1.2 oo x", "1,2 o x", ".5 o x"}) {
    EXPECT_FALSE(parse_log_line(text, line)) << text;
  }
  EXPECT_TRUE(parse_log_line("1.000002 e x y", line));
  EXPECT_EQ(line.time_us, 1'000'002);
  EXPECT_EQ(line.text, "x y");
}

TEST(LogFiles, AreRotatedAndTheOldestGoes) {
  const Temporary place;
  const std::string path = place.path() + "/log";
  LogPolicy policy;
  policy.size = 60;  // two lines of these
  policy.files = 3;
  LogFile log(path, policy);
  for (int i = 0; i < 9; ++i)
    log.write({1'700'000'000'000'000 + i, false, "line" + std::to_string(i)});
  EXPECT_EQ(texts(read_log(path, 0)), "line4|line5|line6|line7|line8|");
  EXPECT_EQ(texts(read_log(path, 3)), "line6|line7|line8|");
  EXPECT_TRUE(std::filesystem::exists(path + ".2"));
  EXPECT_FALSE(std::filesystem::exists(path + ".3"));
}

TEST(LogFiles, OneFileIsEnough) {
  const Temporary place;
  LogPolicy policy;
  policy.size = 10;
  policy.files = 1;
  LogFile log(place.path() + "/log", policy);
  for (const char* text : {"first", "second"}) log.write({1'000'000, false, text});
  EXPECT_EQ(texts(read_log(place.path() + "/log", 0)), "second|");
}

TEST(LogFiles, ALinkIsNotFollowed) {
  const Temporary place;
  const std::string victim = place.put("victim", "");
  std::filesystem::create_symlink(victim, place.path() + "/log");
  LogFile log(place.path() + "/log", {});
  log.write({1, false, "x"});
  EXPECT_EQ(std::filesystem::file_size(victim), 0U);
}

class LogStreams : public testing::Test {
 protected:
  LogStreams() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    stream_ = LogStream(FileDescriptor(ends[0]), true);
    writer_ = FileDescriptor(ends[1]);
  }
  void put(const std::string& text) { write_all(writer_.get(), text, "pipe"); }
  std::function<void(const LogLine&)> take() {
    return [this](const LogLine& line) {
      EXPECT_TRUE(line.is_error);
      lines_.push_back(line);
    };
  }
  LogStream stream_;
  FileDescriptor writer_;
  std::vector<LogLine> lines_;
};

TEST_F(LogStreams, AreCutIntoLines) {
  put("one\ntwo\nthr");
  stream_.read(take());
  EXPECT_EQ(texts(lines_), "one|two|");
  put("ee\n\n");
  stream_.read(take());
  EXPECT_EQ(texts(lines_), "one|two|three||");
  put("rest");
  writer_.reset();
  stream_.read(take());
  stream_.read(take());
  EXPECT_EQ(texts(lines_), "one|two|three||rest|");
  EXPECT_FALSE(stream_.is_open());
}

TEST_F(LogStreams, LongLinesArePieces) {
  put(std::string(40'000, 'x') + "\nend\n");
  writer_.reset();
  stream_.drain(take());
  ASSERT_EQ(lines_.size(), 4U);
  EXPECT_EQ(lines_[0].text.size(), 16384U);
  EXPECT_EQ(lines_[2].text.size(), 40'000U - 2 * 16384U);
  EXPECT_EQ(lines_[3].text, "end");
}

// Found by fuzzing: times that no clock shows.
TEST(LogLine, WithATimeThatIsNoneIsNone) {
  LogLine line;
  EXPECT_TRUE(parse_log_line("1700000000.123456 o x", line));
  for (const char* text : {"117000000700000000.1 o x", "-9223372036854775808.1 o x",
                           "1.9223372036854775807 o x", "1.-5 o x"}) {
    EXPECT_FALSE(parse_log_line(text, line)) << text;
  }
}

}  // namespace
}  // namespace netyard::test
