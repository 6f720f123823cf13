// SPDX-License-Identifier: Apache-2.0
#include "cli/render.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace netyard::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 20;

// Splits at blanks into lines of at most `width`; a longer word stays whole.
std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width)
      lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::string Table::render(std::size_t width) const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::size_t before = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) before += widths[i] + kGap;
  const std::size_t last =
      width == 0 ? SIZE_MAX : std::max(width > before ? width - before : 0, kNarrowest);
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      line += fmt::format("{:<{}}", row[i], widths[i] + kGap);
    }
    bool first = true;
    for (const auto& part : wrap(row.back(), last)) {
      std::string whole = (first ? line : std::string(before, ' ')) + part;
      whole.erase(whole.find_last_not_of(' ') + 1);
      out += whole + "\n";
      first = false;
    }
  }
  return out;
}

std::size_t terminal_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0) return 0;
  return size.ws_col;
}

void print_json(nlohmann::json body, std::FILE* to) {
  body["version"] = kJsonVersion;
  const std::string text = body.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  std::fputs((text + "\n").c_str(), to);
}

nlohmann::json to_json(const Diagnostics& diagnostics) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& item : diagnostics.items()) {
    out.push_back({{"severity", item.severity == Severity::error ? "error" : "warning"},
                   {"file", item.at ? item.at.source->name() : ""},
                   {"line", item.at.line},
                   {"column", item.at.column},
                   {"message", item.message},
                   {"hint", item.hint}});
  }
  return out;
}

nlohmann::json to_json(const Error& error) {
  return {{"operation", error.operation()}, {"object", error.object()},
          {"errno", error.code()},          {"message", error.what()},
          {"kernel", error.kernel()},       {"attribute", error.attribute()},
          {"hint", error.hint()},           {"origin", error.origin().to_string()}};
}

nlohmann::json to_json(const std::vector<Leftover>& left) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& item : left)
    out.push_back({{"what", item.what}, {"error", to_json(item.error)}});
  return out;
}

void print_diagnostics(const Diagnostics& diagnostics) {
  if (diagnostics.items().empty()) return;
  std::fputs(diagnostics.render().c_str(), stderr);
  std::string counts;
  if (diagnostics.errors() > 0) counts = counted(diagnostics.errors(), "error");
  if (diagnostics.warnings() > 0) {
    counts += (counts.empty() ? "" : ", ") + counted(diagnostics.warnings(), "warning");
  }
  std::fputs((counts + "\n").c_str(), stderr);
}

void print_error(const Error& error, bool json) {
  if (json) {
    print_json({{"error", to_json(error)}});
  } else {
    std::fputs(("netyard: " + error.render()).c_str(), stderr);
  }
}

void print_leftovers(const std::vector<Leftover>& left) {
  for (const auto& item : left) {
    std::fputs(fmt::format("netyard: left: {}: {}", item.what, item.error.render()).c_str(),
               stderr);
  }
}

std::string duration(double seconds) {
  if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1000);
  return fmt::format("{:.1f} s", seconds);
}

std::string clock_time(std::int64_t seconds_since_1970) {
  if (seconds_since_1970 == 0) return "-";
  return fmt::format("{:%Y-%m-%d %H:%M:%S}",
                     fmt::localtime(static_cast<std::time_t>(seconds_since_1970)));
}

std::string counted(std::size_t number, const char* noun) {
  const std::string word = noun;
  if (number == 1) return "1 " + word;
  return fmt::format("{} {}{}", number, word, word.ends_with("s") ? "es" : "s");
}

}  // namespace netyard::cli
