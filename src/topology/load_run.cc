// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <set>
#include <unordered_map>

#include "topology/run_reader.h"

namespace netyard::spec {
namespace {

constexpr const char* kNotDefaults[] = {"command", "ready", "healthcheck", "after"};

void read_command(Reader& reader, const Tree& value, Run& run) {
  if (auto argv = reader.command(value)) run.service.workload.argv = std::move(*argv);
}

void read_user(Reader& reader, const Tree& value, Run& run) {
  const auto user = reader.word(value, "a user");
  if (!user) return;
  const std::string& said = user->value;
  const bool plain = said.front() != ':' && said.back() != ':';
  if (!plain || std::count(said.begin(), said.end(), ':') > 1) {
    reader.error(value.at, fmt::format("'{}' is no user: expected NAME or NAME:GROUP", said));
  }
  run.service.workload.user = said;
}

template <std::vector<std::string> Workload::*Member>
void read_words(Reader& reader, const Tree& value, Run& run) {
  std::vector<std::string> out;
  for (auto& word : reader.words(value, "a name")) out.push_back(std::move(word.value));
  run.service.workload.*Member = std::move(out);
}

void read_umask(Reader& reader, const Tree& value, Run& run) {
  const auto said = reader.text(value, "an octal mask");
  if (!said) return;
  unsigned mask = 0;
  const char* end = said->value.data() + said->value.size();
  const auto [stop, failed] = std::from_chars(said->value.data(), end, mask, 8);
  if (failed != std::errc() || stop != end || mask > 0777) {
    reader.error(value.at,
                 fmt::format("expected an octal mask from 000 to 777, found '{}'", said->value));
  }
  run.service.workload.umask = mask;
}

template <std::string Workload::*Member>
void read_text(Reader& reader, const Tree& value, Run& run) {
  if (auto word = reader.word(value, "a text")) run.service.workload.*Member = word->value;
}

template <bool Workload::*Member>
void read_flag(Reader& reader, const Tree& value, Run& run) {
  if (const auto on = reader.boolean(value)) run.service.workload.*Member = *on;
}

template <std::optional<int> Workload::*Member, int Min, int Max>
void read_number(Reader& reader, const Tree& value, Run& run) {
  const auto number = reader.integer(value, Min, Max);
  if (number) run.service.workload.*Member = static_cast<int>(*number);
}

/// An environment in which a variable that is there already, from the defaults, gets the new value.
class Environment {
 public:
  explicit Environment(std::vector<std::string>& entries) : entries_(entries) {
    for (std::size_t i = 0; i < entries_.size(); ++i) index_.emplace(name_of(entries_[i]), i);
  }

  void set(std::string entry) {
    const auto [place, fresh] = index_.emplace(name_of(entry), entries_.size());
    if (fresh) {
      entries_.push_back(std::move(entry));
    } else {
      entries_[place->second] = std::move(entry);
    }
  }

 private:
  static std::string name_of(const std::string& entry) { return entry.substr(0, entry.find('=')); }

  std::vector<std::string>& entries_;
  std::unordered_map<std::string, std::size_t> index_;
};

void read_env(Reader& reader, const Tree& value, Run& run) {
  Environment env(run.service.workload.env);
  if (!value.is_mapping()) {
    for (auto& entry : reader.words(value, "KEY=VALUE")) {
      run.places.note("env", entry.value, entry.at);
      env.set(std::move(entry.value));
    }
    return;
  }
  for (const auto& entry : value.entries) {
    const std::string name = reader.expand(entry.key->text, entry.key->at);
    if (name.empty() || name.find('=') != std::string::npos) {
      reader.error(entry.key->at, fmt::format("'{}' is no name of a variable", name));
    } else if (const auto text = reader.text(*entry.value, "a value")) {
      env.set(name + "=" + text->value);
    }
  }
}

void read_env_files(Reader& reader, const Tree& value, Run& run) {
  for (const auto& file : reader.words(value, "a file")) {
    run.service.workload.env_files.push_back(reader.host_path(file.value, file.at));
    run.places.note("env_files", run.service.workload.env_files.back(), file.at);
  }
}

void read_after(Reader& reader, const Tree& value, Run& run) {
  run.after = reader.words(value, "a workload or a node");
}

void read_stop_timeout(Reader& reader, const Tree& value, Run& run) {
  if (const auto time = reader.duration(value)) run.service.stop_timeout = *time;
}

void read_autostart(Reader& reader, const Tree& value, Run& run) {
  if (const auto on = reader.boolean(value)) run.service.autostart = *on;
}

constexpr Key<Run> kRunKeys[] = {
    {"command", "command", "the program and its arguments", read_command},
    {"user", "string", "NAME[:GROUP] or numbers", read_user},
    {"groups", "texts", "supplementary groups", read_words<&Workload::groups>},
    {"umask", "string", "octal", read_umask},
    {"cwd", "string", "working directory, inside", read_text<&Workload::cwd>},
    {"hostname", "string", "host name it sees; the node's when not given",
     read_text<&Workload::hostname>},
    {"env", "env", "environment: {KEY: VALUE}, or a list of KEY=VALUE", read_env},
    {"env_files", "texts", "files with lines of KEY=VALUE", read_env_files},
    {"capabilities", "texts", "capabilities it keeps", read_capabilities},
    {"no_new_privs", "boolean", "no program it runs gains privileges",
     read_flag<&Workload::no_new_privs>},
    {"seccomp", "seccomp", "system calls it may make", read_seccomp},
    {"landlock", "landlock", "what Landlock leaves of the file system", read_landlock},
    {"limits", "limits", "bounds that a cgroup keeps", read_limits},
    {"rlimits", "rlimits", "resource limits, by their names in prlimit(1)", read_rlimits},
    {"nice", "number", "-20 to 19", read_number<&Workload::nice, -20, 19>},
    {"oom_score_adj", "number", "-1000 to 1000",
     read_number<&Workload::oom_score_adj, -1000, 1000>},
    {"read_only", "boolean", "the root file system cannot be written",
     read_flag<&Workload::read_only>},
    {"rootfs", "string", "root file system: a directory or an OCI image", read_rootfs},
    {"binds", "texts", "SOURCE:TARGET[:ro|rw]", read_binds},
    {"tmpfs", "texts", "PATH or PATH:SIZE", read_tmpfs},
    {"devices", "texts", "PATH or SOURCE:TARGET", read_devices},
    {"uid_map", "texts", "INSIDE:OUTSIDE:COUNT; a user namespace", read_uid_map},
    {"gid_map", "texts", "INSIDE:OUTSIDE:COUNT", read_gid_map},
    {"share", "texts", "namespaces not its own: pid, mount, uts, ipc, cgroup", read_share},
    {"time", "time", "clocks that are ahead or behind", read_time},
    {"restart", "restart", "when it is started again", read_restart},
    {"ready", "ready", "what shows that it is ready", read_ready},
    {"healthcheck", "healthcheck", "what shows that it still works", read_healthcheck},
    {"after", "texts", "workloads that are ready before: NAME, NODE/NAME or NODE", read_after},
    {"stop_signal", "string", "what ends it", read_stop_signal},
    {"stop_timeout", "duration", "from the stop signal to SIGKILL", read_stop_timeout},
    {"log", "log", "files that its output is kept in", read_log},
    {"autostart", "boolean", "false: only 'netyard start' starts it", read_autostart},
};

/// Reads keys one by one, so that what follows from a mistake is not told as another.
class KeyReader {
 public:
  KeyReader(Reader& reader, Run& run) : reader_(reader), run_(run) {}

  void read(const Tree& workload) {
    for (const auto& entry : workload.entries) {
      Tree alone;
      alone.entries = {entry};
      run_.places.note(entry.key->text, "", entry.value->at);
      const std::size_t before = reader_.errors();
      read_mapping<Run>(reader_, alone, kRunKeys, run_);
      if (reader_.errors() != before) broken_.insert(entry.key->text);
    }
  }

  void check() {
    for (auto& problem : check_words(run_.service.workload)) {
      // Without a word it may be about what another key would have said.
      if (broken_.contains(problem.key) || (problem.word.empty() && !broken_.empty())) continue;
      reader_.error(run_.places.find(problem.key, problem.word, run_.at),
                    std::move(problem.message), std::move(problem.hint));
    }
  }

 private:
  Reader& reader_;
  Run& run_;
  std::set<std::string> broken_;
};

void read_workload(Reader& reader, const Tree& key, const Tree& value, Node& node) {
  const auto name = reader.name(key, "name of a workload");
  if (!name) return;
  if (!value.is_mapping()) {
    reader.error(value.at, "expected a command or a mapping, found nothing");
    return;
  }
  Run run;
  run.at = key.at;
  run.service.node = node.name.value;
  run.service.name = name->value;
  KeyReader keys(reader, run);
  keys.read(value);
  keys.check();
  Workload& workload = run.service.workload;
  if (workload.hostname.empty() && !workload.shares("uts")) workload.hostname = node.name.value;
  node.run.push_back(std::move(run));
}

// `web: text` and `web: [a, list]` are short for its command.
Tree written_out(const Tree::Pointer& value) {
  if (value->is_mapping() || value->is_null()) return *value;
  auto key = std::make_shared<Tree>();
  key->at = value->at;
  key->text = "command";
  Tree out;
  out.kind = Tree::Kind::mapping;
  out.at = value->at;
  out.entries.push_back({std::move(key), value});
  return out;
}

// Both say variables: the second adds to the first.
bool is_joined(const std::string& key) {
  return key == "env";
}

}  // namespace

Location Places::find(const std::string& key, const std::string& word,
                      const Location& fallback) const {
  auto found = places_.find({key, word});
  if (found == places_.end()) found = places_.find({key, ""});
  return found != places_.end() ? found->second : fallback;
}

std::span<const Key<Run>> workload_keys() {
  return kRunKeys;
}

bool may_be_default(const std::string& key) {
  return std::find(std::begin(kNotDefaults), std::end(kNotDefaults), key) == std::end(kNotDefaults);
}

Tree with_workload_defaults(const Tree& run, const Tree& defaults) {
  Tree out = run;
  for (auto& workload : out.entries) {
    Tree merged = written_out(workload.value);
    std::vector<Tree::Entry> own = std::move(merged.entries);
    merged.entries.clear();
    for (const auto& entry : defaults.entries) {
      const bool said = std::any_of(own.begin(), own.end(), [&](const Tree::Entry& mine) {
        return mine.key->text == entry.key->text;
      });
      if (!said || is_joined(entry.key->text)) merged.entries.push_back(entry);
    }
    merged.entries.insert(merged.entries.end(), own.begin(), own.end());
    workload.value = std::make_shared<Tree>(std::move(merged));
  }
  return out;
}

void check_workload_defaults(Reader& reader, const Tree& defaults) {
  Tree rest = defaults;
  std::erase_if(rest.entries, [&](const Tree::Entry& entry) {
    if (may_be_default(entry.key->text)) return false;
    reader.error(entry.key->at,
                 fmt::format("'{}' cannot be a default of workloads", entry.key->text));
    return true;
  });
  Run unused;
  KeyReader(reader, unused).read(rest);
}

void read_run(Reader& reader, const Tree& value, Node& node) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of workloads")) {
    return;
  }
  for (const auto& entry : value.entries) read_workload(reader, *entry.key, *entry.value, node);
  // Two keys of a mapping differ, but a variable in one may make them alike.
  std::unordered_map<std::string, const Run*> seen;
  for (const auto& run : node.run) {
    const auto [first, fresh] = seen.emplace(run.service.name, &run);
    if (fresh) continue;
    reader.error(run.at, fmt::format("workload '{}' is here twice; first at {}", run.service.name,
                                     first->second->at.to_string()));
  }
}

}  // namespace netyard::spec
