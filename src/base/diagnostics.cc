// SPDX-License-Identifier: Apache-2.0
#include "base/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace netyard {
namespace {

bool stands_before(const Diagnostic& a, const Diagnostic& b) {
  const bool same_file = a.at.source == b.at.source;
  if (!same_file || a.at.line == b.at.line) return same_file && a.at.column < b.at.column;
  return a.at.line < b.at.line;
}

std::string render_one(const Diagnostic& item) {
  const char* word = item.severity == Severity::error ? "error" : "warning";
  std::string out = item.at ? item.at.to_string() + ": " : "";
  out += fmt::format("{}: {}\n", word, item.message);
  out += item.at.excerpt();
  if (!item.hint.empty()) out += fmt::format("    hint: {}\n", item.hint);
  return out;
}

}  // namespace

void Diagnostics::add(Severity severity, const Location& at, std::string message,
                      std::string hint) {
  if (!seen_.insert(at.to_string() + message).second) return;
  items_.push_back({severity, at, std::move(message), std::move(hint)});
  if (severity == Severity::error) ++errors_;
}

void Diagnostics::error(const Location& at, std::string message, std::string hint) {
  add(Severity::error, at, std::move(message), std::move(hint));
}

void Diagnostics::warning(const Location& at, std::string message, std::string hint) {
  add(Severity::warning, at, std::move(message), std::move(hint));
}

std::string Diagnostics::render(std::size_t most) const {
  std::vector<Diagnostic> sorted = items_;
  // Files keep the order in which they were first mentioned.
  std::vector<const SourceFile*> files;
  for (const auto& item : sorted) {
    if (std::find(files.begin(), files.end(), item.at.source.get()) == files.end()) {
      files.push_back(item.at.source.get());
    }
  }
  auto rank = [&](const Diagnostic& d) {
    return std::find(files.begin(), files.end(), d.at.source.get()) - files.begin();
  };
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    const auto ra = rank(a);
    const auto rb = rank(b);
    return ra != rb ? ra < rb : stands_before(a, b);
  });
  std::string out;
  for (std::size_t i = 0; i < sorted.size() && i < most; ++i) out += render_one(sorted[i]);
  if (sorted.size() > most) out += fmt::format("… and {} more\n", sorted.size() - most);
  return out;
}

}  // namespace netyard
