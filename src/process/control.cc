// SPDX-License-Identifier: Apache-2.0
#include "process/control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace netyard {

// In namespace netyard, where nlohmann-json looks for them by argument-dependent lookup.
NLOHMANN_JSON_SERIALIZE_ENUM(ControlRequest::Verb, {{ControlRequest::Verb::wait, "wait"},
                                                    {ControlRequest::Verb::start, "start"},
                                                    {ControlRequest::Verb::stop, "stop"},
                                                    {ControlRequest::Verb::restart, "restart"},
                                                    {ControlRequest::Verb::freeze, "freeze"},
                                                    {ControlRequest::Verb::thaw, "thaw"},
                                                    {ControlRequest::Verb::shut_down, "shut_down"}})
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ControlRequest, verb, services)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ControlFailure, service, reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ControlAnswer, failures)

namespace {

constexpr int kControlTick = 100;  // milliseconds between questions to `interrupted`
constexpr std::size_t kLargestAnswer = std::size_t{1} << 20;

template <class T>
T parse(const std::string& text) {
  try {
    return nlohmann::json::parse(text).get<T>();
  } catch (const nlohmann::json::exception& broken) {
    throw Error(EBADMSG, "read message of", "supervisor").reason(broken.what());
  }
}

FileDescriptor connect_to(const ServiceFiles& files) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, files.control().c_str(), sizeof address.sun_path - 1);
  if (!socket ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    throw system_error("reach supervisor at", files.control());
  }
  return socket;
}

}  // namespace

std::string to_text(const ControlRequest& request) {
  return nlohmann::json(request).dump();
}
std::string to_text(const ControlAnswer& answer) {
  return nlohmann::json(answer).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}
ControlRequest request_from(const std::string& text) {
  return parse<ControlRequest>(text);
}
ControlAnswer answer_from(const std::string& text) {
  return parse<ControlAnswer>(text);
}

bool supervisor_runs(const ServiceFiles& files) {
  try {
    connect_to(files);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::optional<ControlAnswer> ask_supervisor(const ServiceFiles& files,
                                            const ControlRequest& request,
                                            const std::function<bool()>& interrupted,
                                            std::optional<std::chrono::milliseconds> timeout) {
  const auto end =
      std::chrono::steady_clock::now() + timeout.value_or(std::chrono::hours(24 * 365));
  const FileDescriptor socket = connect_to(files);
  const std::string question = to_text(request);
  if (send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0) {
    throw system_error("ask", "supervisor");
  }
  for (;;) {
    pollfd ready = {socket.get(), POLLIN, 0};
    if (poll(&ready, 1, kControlTick) < 0 && errno != EINTR)
      throw system_error("wait for", "supervisor");
    if (ready.revents != 0) break;
    if (interrupted() || std::chrono::steady_clock::now() > end) return {};
  }
  std::string answer(kLargestAnswer, '\0');
  const ssize_t got = recv(socket.get(), answer.data(), answer.size(), 0);
  if (got <= 0) {
    throw Error(got < 0 ? errno : 0, "wait for", "supervisor")
        .reason("it went away")
        .hint("the next command starts another, which goes on where it was: try again");
  }
  answer.resize(static_cast<std::size_t>(got));
  return answer_from(answer);
}

}  // namespace netyard
