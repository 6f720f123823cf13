// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace netyard::log {
namespace {

// Synchronous on purpose: a logging thread would make unshare(CLONE_NEWUSER) fail with EINVAL.
spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made("netyard", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made.set_pattern("netyard: %^%l%$: %v");
    made.set_level(spdlog::level::warn);
    return made;
  }();
  return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::warn;
}

}  // namespace

void set_level(Level level) {
  logger().set_level(to_spdlog(level));
}
bool debugging() {
  return logger().should_log(spdlog::level::debug);
}
void debug(std::string_view line) {
  logger().debug(line);
}
void info(std::string_view line) {
  logger().info(line);
}
void warning(std::string_view line) {
  logger().warn(line);
}
void error(std::string_view line) {
  logger().error(line);
}

}  // namespace netyard::log
