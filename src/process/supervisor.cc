// SPDX-License-Identifier: Apache-2.0
#include "process/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

#include "base/log.h"
#include "process/control.h"
#include "process/pipe.h"
#include "process/runner.h"

namespace netyard {
namespace {

constexpr std::size_t kLargestRequest = std::size_t{1} << 20;
constexpr auto kPatience = std::chrono::seconds(5);
constexpr int kBetweenTries = 10;  // milliseconds

/// Somebody who asked, and waits.
struct Client {
  FileDescriptor socket;
  std::optional<ControlRequest> request;
  std::vector<Runner*> about;
  ControlAnswer answer;
};

class Supervisor {
 public:
  Supervisor(const ServiceFiles& files, FileDescriptor listening) : files_(files) {
    take_lock();
    raise_descriptor_limit();
    epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) throw system_error("make", "epoll");
    listen();
    for (auto& placed : load_services(files_)) add(std::move(placed));
    listening.reset();
    begin();
  }

  void run() {
    while (!done_) {
      wait();
      answer_all();
    }
    unlink(files_.control().c_str());
  }

 private:
  // One that was killed holds it until it is really gone. A lock of this kind names its holder to
  // who wants to end it.
  void take_lock() {
    lock_ = open_file(files_.lock(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    const auto end = Clock::now() + kPatience;
    struct flock whole {};
    whole.l_type = F_WRLCK;
    while (fcntl(lock_.get(), F_SETLK, &whole) < 0) {
      if (Clock::now() > end || supervisor_runs(files_)) {
        throw Error(EBUSY, "supervise", files_.directory).reason("another supervisor does");
      }
      poll(nullptr, 0, kBetweenTries);
    }
    if (ftruncate(lock_.get(), 0) < 0) throw system_error("write", files_.lock());
    write_all(lock_.get(), std::to_string(getpid()) + "\n", files_.lock());
  }

  static void raise_descriptor_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }

  void listen() {
    socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = files_.control();
    if (path.size() >= sizeof address.sun_path) throw Error(ENAMETOOLONG, "listen at", path);
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    unlink(path.c_str());
    if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
        chmod(path.c_str(), 0600) < 0 || ::listen(socket_.get(), SOMAXCONN) < 0) {
      throw system_error("listen at", path);
    }
    watch(socket_.get());
  }

  void add(PlacedService placed) {
    const std::string id = placed.service.id();
    runners_.push_back(std::make_unique<Runner>(
        std::move(placed), files_, [this](const std::string& other) { return phase_of(other); }));
    by_id_[id] = runners_.back().get();
  }

  ServicePhase phase_of(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? ServicePhase::stopped : found->second->state().phase;
  }

  // In the order of the file of services, in which everybody stands behind those he comes after.
  void begin() {
    std::vector<Runner*> fresh;
    for (auto& runner : runners_) {
      if (const auto left = load_state(files_, runner->service())) {
        runner->adopt(*left);
      } else if (runner->service().autostart) {
        fresh.push_back(runner.get());
      }
    }
    for (Runner* runner : fresh) runner->start();
    for (auto& runner : runners_) refresh(runner.get());
  }

  // Makes epoll watch what a runner has now. One that it has no more is either closed, and gone by
  // itself, or has come to its end and must be let go: its init holds it, too.
  void refresh(Runner* runner) {
    const std::vector<int> now = runner->descriptors();
    std::vector<int>& before = watched_[runner];
    for (const int fd : before) {
      if (std::find(now.begin(), now.end(), fd) != now.end()) continue;
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
      const auto owner = owners_.find(fd);
      if (owner != owners_.end() && owner->second == runner) owners_.erase(owner);
    }
    for (const int fd : now) {
      watch(fd);
      owners_[fd] = runner;
    }
    before = now;
  }

  // EEXIST: it is the one that is watched already.
  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0 && errno != EEXIST) {
      throw system_error("watch", "descriptor");
    }
  }

  void wait() {
    Clock::time_point next = Clock::time_point::max();
    for (const auto& runner : runners_) next = std::min(next, runner->deadline());
    int patience = -1;
    if (next != Clock::time_point::max()) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now()).count();
      constexpr long long kLongest = 3'600'000;
      patience = static_cast<int>(std::clamp<long long>(left + 1, 0, kLongest));
    }
    std::array<epoll_event, 64> events{};
    const int count =
        epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), patience);
    if (count < 0 && errno != EINTR) throw system_error("wait for", "services");
    for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.fd);
    const auto now = Clock::now();
    for (auto& runner : runners_) {
      const bool waits = runner->state().phase == ServicePhase::waiting;
      if (!waits && runner->deadline() > now) continue;
      runner->tick(now);
      refresh(runner.get());
    }
  }

  void handle(int fd) {
    if (fd == socket_.get()) return accept_client();
    for (auto client = clients_.begin(); client != clients_.end(); ++client) {
      if (client->socket.get() != fd) continue;
      if (!hear(*client)) clients_.erase(client);
      return;
    }
    const auto owner = owners_.find(fd);
    if (owner == owners_.end()) return;
    Runner* runner = owner->second;
    const auto now = runner->descriptors();
    if (std::find(now.begin(), now.end(), fd) != now.end()) runner->on_ready(fd);
    refresh(runner);
  }

  void accept_client() {
    Client client;
    client.socket =
        FileDescriptor(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.socket) return;
    watch(client.socket.get());
    clients_.push_back(std::move(client));
  }

  // False when the client is gone, or made no sense.
  bool hear(Client& client) {
    std::string text(kLargestRequest, '\0');
    const ssize_t got = recv(client.socket.get(), text.data(), text.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (got <= 0) return false;
    text.resize(static_cast<std::size_t>(got));
    try {
      client.request = request_from(text);
      choose(client);
      begin_request(client);
      return true;
    } catch (const Error& error) {
      ControlAnswer answer;
      answer.failures.push_back({"", error.what()});
      reply(client, answer);
      return false;
    }
  }

  void choose(Client& client) {
    for (const auto& id : client.request->services) {
      const auto found = by_id_.find(id);
      if (found == by_id_.end()) throw Error(ENOENT, "find workload", id);
      client.about.push_back(found->second);
    }
    if (!client.request->services.empty()) return;
    for (auto& runner : runners_) client.about.push_back(runner.get());
  }

  void begin_request(Client& client) {
    using Verb = ControlRequest::Verb;
    const Verb verb = client.request->verb;
    if (verb == Verb::shut_down) shutting_down_ = true;
    for (Runner* runner : client.about) {
      if (verb == Verb::start) runner->start();
      if (verb == Verb::stop) runner->stop();
      if (verb == Verb::restart) runner->restart();
      if (verb == Verb::freeze || verb == Verb::thaw) freeze(client, *runner);
      refresh(runner);
    }
  }

  static void freeze(Client& client, Runner& runner) {
    std::string reason = "it does not run";
    try {
      if (runner.state().pid != 0) {
        return runner.freeze(client.request->verb == ControlRequest::Verb::freeze);
      }
    } catch (const Error& error) {
      reason = error.what();
    }
    client.answer.failures.push_back({runner.service().id(), reason});
  }

  // Nobody is stopped before those that come after it are over.
  void stop_next() {
    for (auto& runner : runners_) {
      const std::string id = runner->service().id();
      const bool needed = std::any_of(runners_.begin(), runners_.end(), [&](const auto& other) {
        const auto& after = other->service().after;
        return other->is_busy() && std::find(after.begin(), after.end(), id) != after.end();
      });
      if (runner->is_busy() && !needed) runner->stop();
      refresh(runner.get());
    }
  }

  void answer_all() {
    if (shutting_down_) stop_next();
    std::erase_if(clients_,
                  [this](Client& client) { return client.request && try_answer(client); });
  }

  bool try_answer(const Client& client) {
    using Verb = ControlRequest::Verb;
    const Verb verb = client.request->verb;
    const bool ends = verb == Verb::stop || verb == Verb::shut_down;
    ControlAnswer answer = client.answer;
    for (const Runner* runner : client.about) {
      if (ends ? runner->is_busy() : !is_settled_for(verb, *runner)) return false;
      const ServicePhase phase = runner->state().phase;
      const bool asked = verb == Verb::start || verb == Verb::restart;
      const bool failed = ((asked || verb == Verb::wait) && phase == ServicePhase::failed) ||
                          (asked && phase == ServicePhase::stopped);
      if (failed) {
        answer.failures.push_back({runner->service().id(), runner->state().reason});
      }
    }
    reply(client, answer);
    if (verb == Verb::shut_down) done_ = true;
    return true;
  }

  static bool is_settled_for(ControlRequest::Verb verb, const Runner& runner) {
    const bool at_once = verb == ControlRequest::Verb::freeze || verb == ControlRequest::Verb::thaw;
    return at_once || runner.is_settled();
  }

  static void reply(const Client& client, const ControlAnswer& answer) {
    const std::string text = to_text(answer);
    send(client.socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
  }

  ServiceFiles files_;
  FileDescriptor lock_, epoll_, socket_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::map<std::string, Runner*> by_id_;
  std::map<Runner*, std::vector<int>> watched_;
  std::map<int, Runner*> owners_;  // of descriptors
  std::vector<Client> clients_;
  bool shutting_down_ = false, done_ = false;
};

}  // namespace

void supervise(const ServiceFiles& files, FileDescriptor listening) {
  // A service that is being spawned must not go with us half-way, nor a terminal that closes.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  Supervisor(files, std::move(listening)).run();
}

namespace {

std::string said_by_supervisor(const ServiceFiles& files) {
  constexpr std::size_t kMost = std::size_t{1} << 20;
  try {
    std::string text = read_file(files.supervisor_log(), kMost);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  } catch (const Error&) {
    return {};
  }
}

constexpr int kListening = 3;

// What a supervisor gets as its descriptors 0 to 3. It keeps none of its caller's, who may wait
// for the end of a pipe.
struct Inherited {
  FileDescriptor nothing, said;
  Pipe listening;
};

bool take(const Inherited& inherited) {
  if (dup2(inherited.nothing.get(), STDIN_FILENO) < 0) return false;
  if (dup2(inherited.said.get(), STDOUT_FILENO) < 0) return false;
  if (dup2(inherited.said.get(), STDERR_FILENO) < 0) return false;
  const int listening = inherited.listening.write.get();
  // dup2 of a number to itself would leave it close-on-exec.
  if (listening == kListening) return fcntl(listening, F_SETFD, 0) == 0;
  return dup2(listening, kListening) >= 0;
}

// In the child of a child, so that nobody has to wait for it.
[[noreturn]] void become_supervisor(const ServiceFiles& files, const std::string& program,
                                    const Inherited& inherited) {
  setsid();
  const pid_t pid = fork();
  if (pid != 0) _exit(pid < 0 ? 1 : 0);
  if (!take(inherited)) _exit(1);
  close_range(kListening + 1, ~0U, 0);
  [[maybe_unused]] const int moved = chdir("/");
  execl(program.c_str(), "netyard", "supervise", files.directory.c_str(),
        static_cast<char*>(nullptr));
  _exit(1);
}

}  // namespace

void ensure_supervisor(const ServiceFiles& files, const std::string& program) {
  if (supervisor_runs(files)) return;
  // Of two commands that find none, the second waits for the supervisor of the first.
  const FileDescriptor turn = open_file(files.starting(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  while (flock(turn.get(), LOCK_EX) < 0 && errno == EINTR) {
  }
  if (supervisor_runs(files)) return;
  Inherited inherited{
      open_file("/dev/null", O_RDONLY),
      open_file(files.supervisor_log(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0640),
      make_pipe()};
  const pid_t child = fork();
  if (child < 0) throw system_error("start", "supervisor");
  if (child == 0) become_supervisor(files, program, inherited);
  inherited.listening.write.reset();
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  // Closed when it listens, or is dead.
  char byte = 0;
  while (read(inherited.listening.read.get(), &byte, 1) < 0 && errno == EINTR) {
  }
  if (supervisor_runs(files)) return;
  Error error(0, "start", "supervisor of " + files.directory);
  const std::string said = said_by_supervisor(files);
  throw error.reason(said.empty() ? "it ended at once" : said);
}

}  // namespace netyard
