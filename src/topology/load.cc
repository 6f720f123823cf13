// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <unordered_map>

#include "base/error.h"
#include "topology/reader.h"

namespace netyard::spec {
namespace {

constexpr std::size_t kDeepestInclude = 16;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// "labs/two-sites.netyard.yaml" -> "two-sites"; "labs/netyard.yaml" -> "labs".
std::string name_from_path(const std::string& path) {
  std::string stem = path.substr(directory_of(path).size());
  for (const char* ending : {".yaml", ".yml", ".netyard"}) {
    if (stem.ends_with(ending)) stem.resize(stem.size() - std::string(ending).size());
  }
  if (stem != "netyard") return stem;
  std::string directory = directory_of(path);
  if (!directory.empty()) directory.pop_back();
  const std::string last = directory.substr(directory_of(directory).size());
  return last.empty() || last == "." || last == ".." ? "netyard" : last;
}

/// The trees of a file and of all that it includes, included ones first.
class Collector {
 public:
  Collector(const FileReader& read, Diagnostics& diagnostics)
      : read_(read), diagnostics_(diagnostics) {}

  void collect(const std::string& path, const Location& asked_at) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      std::string chain;
      for (const auto& file : open_) chain += file + " -> ";
      diagnostics_.error(asked_at, "include goes round in a circle: " + chain + path);
      return;
    }
    if (std::find(done_.begin(), done_.end(), path) != done_.end()) return;
    if (open_.size() >= kDeepestInclude) {
      diagnostics_.error(asked_at,
                         fmt::format("includes are nested more than {} deep", kDeepestInclude));
      return;
    }
    const auto source = read_source(path, asked_at);
    if (!source) return;
    const Tree::Pointer tree = parse_tree(source, diagnostics_);
    if (!tree) return;
    if (!tree->is_mapping()) {
      diagnostics_.error(tree->at,
                         fmt::format("a topology file is a mapping, this is {}", tree->describe()),
                         "it begins with keys such as 'name:', 'nodes:' and 'links:'");
      return;
    }
    open_.push_back(path);
    if (const Tree* include = tree->find("include")) collect_included(path, *include);
    open_.pop_back();
    done_.push_back(path);
    trees.push_back(tree);
  }

  std::vector<Tree::Pointer> trees;

 private:
  std::shared_ptr<const SourceFile> read_source(const std::string& path, const Location& asked_at) {
    // The file that the user named: its caller says what is wrong.
    if (!asked_at) return std::make_shared<SourceFile>(path, read_(path));
    try {
      return std::make_shared<SourceFile>(path, read_(path));
    } catch (const Error& error) {
      diagnostics_.error(asked_at, fmt::format("include: {}", error.what()));
      return nullptr;
    }
  }

  void collect_included(const std::string& path, const Tree& include) {
    if (include.is_scalar() && !include.is_null()) {
      const bool absolute = include.text.starts_with('/');
      collect(absolute ? include.text : directory_of(path) + include.text, include.at);
    } else if (include.is_sequence()) {
      for (const auto& item : include.items) collect_included(path, *item);
    } else if (!include.is_null()) {
      diagnostics_.error(include.at,
                         fmt::format("expected a file name, found {}", include.describe()));
    }
  }

  const FileReader& read_;
  Diagnostics& diagnostics_;
  std::vector<std::string> open_;
  std::vector<std::string> done_;
};

/// Variables of all files, each worked out once; they may name each other.
class VariableTable {
 public:
  VariableTable(const std::vector<Tree::Pointer>& trees, const LoadOptions& options,
                Diagnostics& diagnostics)
      : diagnostics_(diagnostics) {
    for (const auto& tree : trees) {
      const Tree* vars = tree->find("vars");
      if (vars == nullptr || vars->is_null()) continue;
      if (!vars->is_mapping()) {
        diagnostics.error(vars->at, fmt::format("expected a mapping, found {}", vars->describe()));
        continue;
      }
      for (const auto& entry : vars->entries) take(entry);
    }
    for (const auto& [name, value] : options.vars) override_with(name, value);
  }

  Variables work_out() {
    for (const auto& [name, raw] : raw_) value_of(name);
    return done_;
  }

 private:
  void take(const Tree::Entry& entry) {
    if (!entry.value->is_scalar()) {
      diagnostics_.error(entry.value->at,
                         fmt::format("a variable is text, this is {}", entry.value->describe()));
      return;
    }
    raw_[entry.key->text] = {entry.value->text, entry.value->at};
  }

  void override_with(const std::string& name, const std::string& value) {
    const auto found = raw_.find(name);
    if (found != raw_.end()) {
      found->second.value = value;
      return;
    }
    std::vector<std::string> known;
    for (const auto& [key, unused] : raw_) known.push_back(key);
    diagnostics_.error({}, fmt::format("--set {}: the file has no variable '{}'", name, name),
                       did_you_mean(name, known));
  }

  // Depth first, as far as ${…} leads.
  void value_of(const std::string& name) {
    if (done_.contains(name)) return;
    const Located<std::string> raw = raw_.at(name);
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
      diagnostics_.error(raw.at, fmt::format("variable '{}' is defined by itself", name));
      done_[name] = {"", raw.at};
      return;
    }
    open_.push_back(name);
    for (const auto& [other, unused] : raw_) {
      if (raw.value.find("${" + other + "}") != std::string::npos) value_of(other);
    }
    open_.pop_back();
    if (!done_.contains(name)) {
      done_[name] = {Reader(diagnostics_, done_).expand(raw.value, raw.at), raw.at};
    }
  }

  Diagnostics& diagnostics_;
  Variables raw_;
  Variables done_;
  std::vector<std::string> open_;
};

struct Loading {
  File file;
  Defaults defaults;
};

void read_name(Reader& reader, const Tree& value, Loading& loading) {
  if (auto name = reader.name(value, "name of a lab")) loading.file.name = std::move(*name);
}

void read_routing(Reader& reader, const Tree& value, Loading& loading) {
  const auto word = reader.text(value, "a way of routing");
  if (!word) return;
  if (word->value == "static" || word->value == "none") {
    loading.file.routing = word->value == "static" ? Routing::static_ : Routing::none;
  } else {
    reader.error(value.at, fmt::format("unknown way of routing '{}'", word->value),
                 "there are none and static");
  }
}

void read_nodes(Reader& reader, const Tree& value, Loading& loading) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of nodes")) return;
  for (const auto& entry : value.entries) {
    read_node(reader, *entry.key, *entry.value, loading.defaults, loading.file);
  }
}

void read_links(Reader& reader, const Tree& value, Loading& loading) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::sequence, "a list of links")) return;
  for (const auto& item : value.items) {
    read_link(reader, *item, &loading.defaults.link, loading.file);
  }
}

void read_networks(Reader& reader, const Tree& value, Loading& loading) {
  if (value.is_null() || !reader.expect(value, Tree::Kind::mapping, "a mapping of networks"))
    return;
  for (const auto& entry : value.entries) {
    read_network(reader, *entry.key, *entry.value, loading.file);
  }
}

void read_before(Reader&, const Tree&, Loading&) {}  // vars, include, defaults: read earlier

constexpr Key<Loading> kFileKeys[] = {
    {"name", "name", "name of the lab; the file's when not given", read_name},
    {"nodes", "nodes", "the nodes by name", read_nodes},
    {"links", "links", "the links", read_links},
    {"networks", "networks", "segments with many ends, by name", read_networks},
    {"routing", "routing", "none, or static: shortest-path routes for every subnet", read_routing},
    {"hosts", "hosts", "more lines of every node's /etc/hosts; none: the host's is seen",
     [](Reader& reader, const Tree& value, Loading& out) {
       read_hosts(reader, value, out.file.hosts);
     }},
    {"dns", "dns", "every node's /etc/resolv.conf",
     [](Reader& reader, const Tree& value, Loading& out) {
       read_dns(reader, value, out.file.dns);
     }},
    {"defaults", "defaults",
     "what holds for all nodes, links or workloads that do not say otherwise", read_before},
    {"vars", "vars", "variables for ${NAME}", read_before},
    {"include", "include", "other files that belong to this one", read_before},
};

bool is_containerlab(Reader& reader, const Tree& tree) {
  const Tree* topology = tree.find("topology");
  if (topology == nullptr) return false;
  reader.error(topology->at, "this looks like a containerlab file, which netyard does not read yet",
               "a netyard file has 'nodes:' and 'links:' at the top");
  return true;
}

template <class T>
void check_unique(Reader& reader, const std::vector<T>& items, const char* what) {
  std::unordered_map<std::string, const T*> seen;
  for (const auto& item : items) {
    const auto [first, fresh] = seen.emplace(item.name.value, &item);
    if (fresh) continue;
    reader.error(item.name.at, fmt::format("{} '{}' is here twice; first at {}", what,
                                           item.name.value, first->second->name.at.to_string()));
  }
}

void settle_name(Reader& reader, const std::string& path, const LoadOptions& options, File& file) {
  if (!options.name.empty()) file.name = {options.name, {}};
  file.instance = options.instance;
  const bool from_path = file.name.value.empty();
  if (from_path) file.name.value = name_from_path(path);
  const auto problem = name_problem(file.name.value);
  if (problem.empty()) return;
  reader.error(file.name.at, fmt::format("'{}' is no name for a lab: {}", file.name.value, problem),
               from_path ? "the name comes from the file's; write 'name:' or use --name" : "");
}

}  // namespace

File load(const std::string& path, const FileReader& read, const LoadOptions& options,
          Diagnostics& diagnostics) {
  Collector files(read, diagnostics);
  files.collect(path, {});
  const Variables variables = VariableTable(files.trees, options, diagnostics).work_out();
  Reader reader(diagnostics, variables, options.directory, &read);
  Loading loading;
  loading.defaults = read_defaults(reader, files.trees);
  for (const auto& tree : files.trees) {
    if (is_containerlab(reader, *tree)) return loading.file;
    read_mapping<Loading>(reader, *tree, kFileKeys, loading);
  }
  if (files.trees.empty()) return loading.file;
  check_unique(reader, loading.file.nodes, "node");
  check_unique(reader, loading.file.networks, "network");
  settle_name(reader, path, options, loading.file);
  if (loading.file.nodes.empty() && !diagnostics.has_errors()) {
    reader.error(files.trees.back()->at, "the file has no nodes", "add 'nodes:'");
  }
  return std::move(loading.file);
}

std::vector<TopKey> top_keys() {
  std::vector<TopKey> out;
  for (const auto& key : kFileKeys) out.push_back({key.name, key.shape, key.help});
  return out;
}

}  // namespace netyard::spec
