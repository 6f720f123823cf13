// SPDX-License-Identifier: Apache-2.0
#include "process/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "base/error.h"
#include "base/log.h"

namespace netyard {
namespace {

constexpr std::size_t kLongestLine = std::size_t{16} << 10;
constexpr std::size_t kChunk = std::size_t{16} << 10;
constexpr std::size_t kLargestLog = std::size_t{1} << 30;

std::int64_t now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

std::string rotated_log(const std::string& path, std::uint32_t number) {
  return number == 0 ? path : fmt::format("{}.{}", path, number);
}

std::uint32_t count_rotated(const std::string& path) {
  const auto exists = [&](std::uint32_t number) {
    return access(rotated_log(path, number).c_str(), F_OK) == 0;
  };
  std::uint32_t number = 0;
  while (exists(number) || exists(number + 1)) ++number;
  return number;
}

void LogFile::open() {
  file_ = open_file(path_, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0640);
  struct stat status {};
  size_ = fstat(file_.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void LogFile::rotate() {
  file_.reset();
  const std::uint32_t files = std::max<std::uint32_t>(policy_.files, 1);
  unlink(rotated_log(path_, files - 1).c_str());
  for (std::uint32_t number = files - 1; number > 0; --number) {
    std::rename(rotated_log(path_, number - 1).c_str(), rotated_log(path_, number).c_str());
  }
  open();
}

void LogFile::write(const LogLine& line) {
  constexpr std::int64_t kMicro = 1'000'000;
  const std::string text = fmt::format("{}.{:06} {} {}\n", line.time_us / kMicro,
                                       line.time_us % kMicro, line.is_error ? 'e' : 'o', line.text);
  try {
    if (!file_) open();
    if (size_ > 0 && size_ + text.size() > policy_.size) rotate();
    write_all(file_.get(), text, path_);
    size_ += text.size();
    complained_ = false;
  } catch (const Error& error) {
    if (!complained_) log::warning(error.what());
    complained_ = true;
  }
}

// True when something was there.
bool LogStream::read_some() {
  char chunk[kChunk];
  const ssize_t got = ::read(pipe_.get(), chunk, sizeof chunk);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return false;
  if (got <= 0) {
    ended_ = true;
    return false;
  }
  partial_.append(chunk, static_cast<std::size_t>(got));
  return true;
}

void LogStream::read(const std::function<void(const LogLine&)>& take) {
  if (read_some()) cut(take);
  if (ended_) finish(take);
}

void LogStream::drain(const std::function<void(const LogLine&)>& take) {
  while (is_open() && read_some()) cut(take);
  finish(take);
  pipe_.reset();
}

void LogStream::cut(const std::function<void(const LogLine&)>& take) {
  std::size_t at = 0;
  for (;;) {
    std::size_t end = partial_.find('\n', at);
    const std::size_t length = (end == std::string::npos ? partial_.size() : end) - at;
    const bool too_long = length > kLongestLine;
    if (end == std::string::npos && !too_long) break;
    const std::size_t taken = too_long ? kLongestLine : length;
    take({now_us(), is_error_, partial_.substr(at, taken)});
    at += taken + (too_long ? 0 : 1);
  }
  partial_.erase(0, at);
  if (partial_.empty()) partial_.shrink_to_fit();
}

void LogStream::finish(const std::function<void(const LogLine&)>& take) {
  if (!partial_.empty()) take({now_us(), is_error_, partial_});
  partial_.clear();
}

bool parse_log_line(std::string_view text, LogLine& line) {
  constexpr std::int64_t kMicro = 1'000'000;
  constexpr std::int64_t kMostSeconds = INT64_MAX / kMicro - 1;
  std::int64_t seconds = 0, micro = 0;
  const char* end = text.data() + text.size();
  const auto [dot, bad] = std::from_chars(text.data(), end, seconds);
  if (bad != std::errc() || dot == end || *dot != '.') return false;
  const auto [blank, worse] = std::from_chars(dot + 1, end, micro);
  if (worse != std::errc() || end - blank < 3 || blank[0] != ' ' || blank[2] != ' ') return false;
  if (seconds < 0 || seconds > kMostSeconds || micro < 0 || micro >= kMicro) return false;
  line = {seconds * kMicro + micro, blank[1] == 'e', std::string(blank + 3, end)};
  return true;
}

std::vector<LogLine> read_log(const std::string& path, std::size_t count) {
  std::vector<LogLine> lines;  // newest first
  const std::uint32_t files = count_rotated(path);
  for (std::uint32_t number = 0; number < files; ++number) {
    std::string text;
    try {
      text = read_file(rotated_log(path, number), kLargestLog);
    } catch (const Error& error) {
      if (error.code() == ENOENT) continue;
      throw;
    }
    std::size_t end = text.size();
    while (end > 0 && (count == 0 || lines.size() < count)) {
      const std::size_t begin = end < 2 ? std::string::npos : text.rfind('\n', end - 2);
      const std::size_t at = begin == std::string::npos ? 0 : begin + 1;
      LogLine line;
      if (parse_log_line(std::string_view(text).substr(at, end - 1 - at), line)) {
        lines.push_back(std::move(line));
      }
      end = at;
    }
    if (count != 0 && lines.size() >= count) break;
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

}  // namespace netyard
