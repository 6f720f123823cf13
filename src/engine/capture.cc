// SPDX-License-Identifier: Apache-2.0
#include "engine/capture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/suggest.h"
#include "engine/find.h"
#include "netlink/observe.h"
#include "netlink/socket.h"
#include "netns/namespace.h"
#include "netns/pin.h"
#include "process/pipe.h"

namespace netyard {
namespace {

constexpr int kTickOfCaptures = 100;  // milliseconds between questions to `interrupted`

std::int64_t now() {
  using std::chrono::nanoseconds;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<nanoseconds>(since).count();
}

/// An interface that a capture is about.
struct CapturedEnd {
  std::string name;  // "r1:eth0"
  std::string interface;
  FileDescriptor netns;
};

std::vector<std::string> interfaces_of(const std::string& netns, const FileDescriptor& inside) {
  Socket socket = socket_in(inside.get());
  std::vector<std::string> out;
  for (const auto& link : observe_links(socket)) {
    if (link.name != "lo") out.push_back(link.name);
  }
  if (out.empty()) throw Error(0, "capture in", netns).reason("it has no interface but lo");
  return out;
}

void find_ends(const CaptureRequest& request, const std::string& word,
               std::vector<CapturedEnd>& out) {
  const std::size_t colon = word.find(':');
  const FoundNode node = find_node(request.lab, word.substr(0, colon));
  const auto there = interfaces_of(node.netns, node.fd);
  std::vector<std::string> wanted = there;
  if (colon != std::string::npos) wanted = {word.substr(colon + 1)};
  for (const auto& name : wanted) {
    const bool known = name == "lo" || std::find(there.begin(), there.end(), name) != there.end();
    if (!known) {
      throw Error(0, "find", "interface " + name + " of " + node.name)
          .reason("the node has no such interface")
          .hint(did_you_mean(name, there));
    }
    out.push_back({node.name + ":" + name, name, open_namespace(node.netns)});
  }
}

/// Where packets go.
class Sink {
 public:
  virtual ~Sink() = default;
  /// False when nobody reads any more.
  virtual bool write(std::uint32_t interface, const std::string& block) = 0;
};

bool write_block(int fd, const std::string& block) {
  std::size_t done = 0;
  while (done < block.size()) {
    const ssize_t wrote = ::write(fd, block.data() + done, block.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && errno == EPIPE) return false;
    if (wrote < 0) throw system_error("write", "captured packets");
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

class FileSink : public Sink {
 public:
  FileSink(const std::string& path, const std::vector<CaptureInterface>& interfaces) {
    const bool standard = path == "-";
    if (standard && isatty(STDOUT_FILENO) == 1) {
      throw Error(0, "write", "captured packets to a terminal")
          .reason("they are no text")
          .hint("name a file, or send them on: netyard capture NODE:IF -w - | wireshark -k -i -");
    }
    file_ = standard ? FileDescriptor(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3))
                     : open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    write_block(file_.get(), pcapng::header(interfaces));
  }
  bool write(std::uint32_t, const std::string& block) override {
    return write_block(file_.get(), block);
  }

 private:
  FileDescriptor file_;
};

/// A tcpdump for each interface, which turns packets into lines.
class TextSink : public Sink {
 public:
  explicit TextSink(const std::vector<CaptureInterface>& interfaces) {
    for (const auto& interface : interfaces)
      readers_.push_back(start(interface, interfaces.size()));
  }
  TextSink(const TextSink&) = delete;
  TextSink& operator=(const TextSink&) = delete;
  // The lines of what they were given are wanted still.
  ~TextSink() override {
    for (auto& reader : readers_) reader.input.reset();
    for (auto& reader : readers_) waitpid(reader.pid, nullptr, 0);
  }

  bool write(std::uint32_t interface, const std::string& block) override {
    // Each reads a file with one interface of its own.
    std::string alone = block;
    constexpr std::size_t kInterfaceAt = 8;
    alone.replace(kInterfaceAt, sizeof interface, sizeof interface, '\0');
    return write_block(readers_[interface].input.get(), alone);
  }

 private:
  struct Reader {
    pid_t pid = -1;
    FileDescriptor input;
  };

  static Reader start(const CaptureInterface& interface, std::size_t of) {
    Pipe pipe = make_pipe();
    Pipe report = make_pipe();
    const pid_t pid = fork();
    if (pid < 0) throw system_error("fork for", "tcpdump");
    if (pid == 0) become_reader(interface, of, pipe.read.get(), report.write.get());
    report.write.reset();
    int code = 0;
    if (read(report.read.get(), &code, sizeof code) == sizeof code) {
      waitpid(pid, nullptr, 0);
      throw Error(code, "execute", "tcpdump")
          .hint("packets are shown by tcpdump(8): install it, or name a file with -w");
    }
    Reader reader{pid, std::move(pipe.write)};
    write_block(reader.input.get(), pcapng::header({interface}));
    return reader;
  }

  // In the child. With several interfaces sed says of each line which it is from.
  [[noreturn]] static void become_reader(const CaptureInterface& interface, std::size_t of,
                                         int input, int report) {
    setpgid(0, 0);  // Ctrl-C is for netyard, which then lets it end
    signal(SIGPIPE, SIG_DFL);
    dup2(input, STDIN_FILENO);
    const std::string prefix = "s/^/" + interface.name + " | /";
    if (of == 1) {
      execlp("tcpdump", "tcpdump", "-n", "-l", "-r", "-", nullptr);
    } else {
      execlp("sh", "sh", "-c", "tcpdump -n -l -r - 2>/dev/null | sed -u \"$1\"", "sh",
             prefix.c_str(), nullptr);
    }
    const int code = errno;
    [[maybe_unused]] const ssize_t sent = ::write(report, &code, sizeof code);
    _exit(127);
  }

  std::vector<Reader> readers_;
};

class Capture {
 public:
  explicit Capture(const CaptureRequest& request) : request_(request) {
    std::vector<CapturedEnd> ends;
    for (const auto& word : request.ends) find_ends(request, word, ends);
    for (const auto& end : ends) open(end);
    if (request.file.empty()) {
      sink_ = std::make_unique<TextSink>(interfaces_);
    } else {
      sink_ = std::make_unique<FileSink>(request.file, interfaces_);
    }
  }

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& interface : interfaces_) out.push_back(interface.name);
    return out;
  }

  CaptureReport run(const std::function<bool()>& interrupted) {
    while (!full() && reader_there_ && open_ > 0 && !interrupted()) wait_and_read();
    for (std::uint32_t i = 0; i < sources_.size(); ++i) {
      report_.interfaces[i].counts = sources_[i].counts();
      const auto& counts = report_.interfaces[i].counts;
      if (reader_there_ && !request_.file.empty()) {
        sink_->write(i, pcapng::statistics(i, now(), counts));
      }
    }
    return std::move(report_);
  }

 private:
  void open(const CapturedEnd& end) {
    const NamespaceScope scope(end.netns.get());
    PacketSource source(end.interface, request_.snaplen);
    if (!request_.filter.empty()) source.filter(request_.filter);
    interfaces_.push_back({end.name, source.link_type(), request_.snaplen, request_.filter});
    report_.interfaces.push_back({end.name, 0, {}, {}});
    sources_.push_back(std::move(source));
    ++open_;
  }

  bool full() const { return request_.count != 0 && taken_ >= request_.count; }

  void wait_and_read() {
    std::vector<pollfd> ready;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const bool there = report_.interfaces[i].ended.empty();
      ready.push_back({there ? sources_[i].fd() : -1, POLLIN, 0});
    }
    // A reader that goes away is seen even when no packet comes.
    if (request_.file == "-") ready.push_back({STDOUT_FILENO, 0, 0});
    if (poll(ready.data(), ready.size(), kTickOfCaptures) < 0 && errno != EINTR) {
      throw system_error("wait for", "packets");
    }
    if (request_.file == "-" && (ready.back().revents & (POLLERR | POLLHUP)) != 0) {
      reader_there_ = false;
    }
    for (std::uint32_t i = 0; i < sources_.size(); ++i) {
      if (ready[i].fd >= 0 && ready[i].revents != 0 && reader_there_) read_from(i);
    }
  }

  void read_from(std::uint32_t index) {
    CaptureReport::Interface& interface = report_.interfaces[index];
    if (full()) return;
    const std::uint64_t most = request_.count == 0 ? UINT64_MAX : request_.count - taken_;
    const auto take = [&](const CapturedPacket& packet) {
      ++taken_;
      ++interface.packets;
      if (reader_there_) reader_there_ = sink_->write(index, pcapng::packet(index, packet));
    };
    if (sources_[index].read(most, take, interface.ended)) return;
    if (interface.ended.empty()) interface.ended = "it ended";
    --open_;
  }

  const CaptureRequest& request_;
  std::vector<CaptureInterface> interfaces_;
  std::vector<PacketSource> sources_;
  std::unique_ptr<Sink> sink_;
  CaptureReport report_;
  std::uint64_t taken_ = 0;
  std::size_t open_ = 0;
  bool reader_there_ = true;
};

}  // namespace

CaptureReport capture(const CaptureRequest& request,
                      const std::function<void(const std::vector<std::string>&)>& started,
                      const std::function<bool()>& interrupted) {
  signal(SIGPIPE, SIG_IGN);
  Capture capture(request);
  started(capture.names());
  return capture.run(interrupted);
}

}  // namespace netyard
