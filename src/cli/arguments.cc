// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <optional>

namespace netyard::cli {

Option& Option::required() {
  option_->required();
  return *this;
}
Option& Option::type_name(const char* name) {
  option_->type_name(name);
  return *this;
}
Option& Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}
Option& Option::positive() {
  option_->check(CLI::PositiveNumber);
  return *this;
}
Option& Option::range(std::uint64_t min, std::uint64_t max) {
  option_->check(CLI::Range(min, max));
  return *this;
}
Option& Option::one_at_a_time() {
  option_->allow_extra_args(false);
  return *this;
}

Command Command::add_subcommand(const char* word, const char* help) {
  return Command(*app_->add_subcommand(word, help));
}

template <class T>
Option Command::add_option(const char* names, T& to, const char* help) {
  return Option(app_->add_option(names, to, help));
}
template Option Command::add_option(const char*, std::string&, const char*);
template Option Command::add_option(const char*, std::vector<std::string>&, const char*);
template Option Command::add_option(const char*, int&, const char*);
template Option Command::add_option(const char*, std::uint32_t&, const char*);
template Option Command::add_option(const char*, std::uint64_t&, const char*);
template Option Command::add_option(const char*, std::optional<int>&, const char*);
template Option Command::add_option(const char*, std::optional<std::uint32_t>&, const char*);
template Option Command::add_option(const char*, std::optional<std::uint64_t>&, const char*);
template Option Command::add_option(const char*, std::optional<std::int64_t>&, const char*);

Option Command::add_flag(const char* names, bool& to, const char* help) {
  return Option(app_->add_flag(names, to, help));
}

// Nothing of that command line may fall through to netyard.
void Command::takes_command() {
  app_->fallthrough(false);
  app_->prefix_command();
}
void Command::require_subcommand() {
  app_->require_subcommand(1);
}
void Command::hide() {
  app_->group("");
}
void Command::footer(const char* text) {
  app_->footer(text);
}
void Command::callback(std::function<void()> call) {
  app_->callback(std::move(call));
}
std::vector<std::string> Command::remaining() const {
  return app_->remaining();
}

void wrong_use(const std::string& option, const std::string& why) {
  throw CLI::ValidationError(option, why);
}

}  // namespace netyard::cli
