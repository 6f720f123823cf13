// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "process/service.h"

namespace netyard {

/// A line that a workload wrote.
struct LogLine {
  std::int64_t time_us = 0;  // since 1970
  bool is_error = false;     // from standard error
  std::string text;
};

/// The log of one workload: lines of "SECONDS.MICROSECONDS o|e TEXT", in a file that is rotated to
/// PATH.1, PATH.2, … Errors of the disk are told once and do not stop anybody.
class LogFile {
 public:
  LogFile() = default;
  LogFile(std::string path, LogPolicy policy) : path_(std::move(path)), policy_(policy) {}
  void write(const LogLine& line);

 private:
  void open();
  void rotate();

  std::string path_;
  LogPolicy policy_;
  FileDescriptor file_;
  std::uint64_t size_ = 0;
  bool complained_ = false;
};

/// One end of a workload's output, cut into lines. A line is at most 16 KiB: more is the next one.
class LogStream {
 public:
  LogStream() = default;
  LogStream(FileDescriptor pipe, bool is_error) : pipe_(std::move(pipe)), is_error_(is_error) {}
  int fd() const { return pipe_.get(); }
  /// False when nothing more can come.
  bool is_open() const { return pipe_ && !ended_; }
  /// Takes some of what is there; gives each whole line. The pipe is non-blocking; it stays open at
  /// its end, for whoever watches it to take leave of it.
  void read(const std::function<void(const LogLine&)>& take);
  /// Takes all that is there, whole lines and the rest; closes.
  void drain(const std::function<void(const LogLine&)>& take);

 private:
  bool read_some();
  void finish(const std::function<void(const LogLine&)>& take);
  void cut(const std::function<void(const LogLine&)>& take);

  FileDescriptor pipe_;
  bool is_error_ = false;
  bool ended_ = false;
  std::string partial_;
};

/// Parses a line of a log file; false when it is none.
bool parse_log_line(std::string_view text, LogLine& line);
/// The file that PATH was `number` rotations ago.
std::string rotated_log(const std::string& path, std::uint32_t number);
/// How many of PATH, PATH.1, PATH.2, … there are, a gap being what a rotation makes for a moment.
std::uint32_t count_rotated(const std::string& path);
/// The last `count` lines of a log, rotated files included; all of them for 0.
std::vector<LogLine> read_log(const std::string& path, std::size_t count);

}  // namespace netyard
