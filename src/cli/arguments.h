// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace netyard::cli {

/// An option or argument of a command. CLI11 does the work; it stays behind this header because
/// reading its own takes a compiler longer than all the rest of a command.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option& required();
  Option& type_name(const char* name);
  Option& excludes(const Option& other);
  Option& positive();
  Option& range(std::uint64_t min, std::uint64_t max);
  /// Takes one value each time that it is given, not all words that follow.
  Option& one_at_a_time();

 private:
  CLI::Option* option_;
};

/// A command, or netyard itself: a handle, to be copied.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}
  Command add_subcommand(const char* word, const char* help);
  /// names: "-w,--write" or, for an argument, "NODE". T: a text, a list of texts, a number, or an
  /// optional number; those that arguments.cc lists.
  template <class T>
  Option add_option(const char* names, T& to, const char* help);
  Option add_flag(const char* names, bool& to, const char* help);
  /// The first word that is no option begins another program's command line: see remaining().
  void takes_command();
  void require_subcommand();
  void hide();
  void footer(const char* text);
  /// Called when the command line is right, and this is the command.
  void callback(std::function<void()> call);
  std::vector<std::string> remaining() const;

 private:
  CLI::App* app_;
};

/// Ends the parse with a message about an option: exit status 2.
[[noreturn]] void wrong_use(const std::string& option, const std::string& why);

}  // namespace netyard::cli
