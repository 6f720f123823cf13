// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "netns/namespace.h"
#include "netns/processes.h"

namespace netyard {

struct Topology;

/// How far an `up` has come. A record that still says creating belongs to one that was cut off, or
/// runs.
enum class LabPhase { creating, up };

/// A queueing discipline, or a class, as the file wants it.
struct RecordedQdisc {
  std::string kind;
  bool is_class = false;
  std::uint32_t parent = 0;
  std::uint32_t handle = 0;
  std::vector<std::string> settings;  // "rate=10mbit"
  friend bool operator==(const RecordedQdisc&, const RecordedQdisc&) = default;
};

struct RecordedInterface {
  std::string name;
  std::uint32_t ifindex = 0;
  std::string peer;  // "node:interface", or ""
  std::vector<RecordedQdisc> qdiscs;
  std::vector<std::string> words;  // impairments of the file: "delay=20ms"
  std::size_t filters = 0;
  bool changed = false;                // by `link set`, and not reset since
  std::vector<std::string> now_words;  // then: the words that were set
  std::vector<std::string> memory;     // of a link that `link down` set down: save_link_memory()
  std::int64_t touched = 0;            // by `link`, and not reset since: seconds since 1970
  bool up = true;                      // as the file wants it
  /// Whether the file gives it a qdisc in the kernel's words.
  bool is_by_qdisc() const { return words.empty() && !qdiscs.empty(); }
  friend bool operator==(const RecordedInterface&, const RecordedInterface&) = default;
};

struct RecordedNode {
  std::string name;
  std::string kind;
  std::string netns;
  NamespaceIdentity identity;  // all 0 until the lab is up
  std::vector<RecordedInterface> interfaces;
  /// nullptr when there is none of this name.
  const RecordedInterface* find(const std::string& interface) const;
  friend bool operator==(const RecordedNode&, const RecordedNode&) = default;
};

/// A link of the host that a lab took, and what it was like before: enough to give it back.
struct TakenLink {
  std::string netns;      // where it went
  std::string name;       // its name there
  std::string host_name;  // its name on the host
  std::uint32_t host_ifindex = 0;
  bool was_up = false;
  friend bool operator==(const TakenLink&, const TakenLink&) = default;
};

/// A link pair with one end on the host, by its other end.
struct HostPair {
  std::string netns;
  std::uint32_t ifindex = 0;  // in netns
  std::string host_name;
  friend bool operator==(const HostPair&, const HostPair&) = default;
};

/// What netyard remembers of a lab: enough to show it and to take it down without its file.
struct LabRecord {
  std::string name;
  std::string file;  // absolute path
  LabPhase phase = LabPhase::creating;
  std::string boot_id;
  ProcessIdentity owner;     // who made it
  std::int64_t created = 0;  // seconds since 1970
  std::int64_t settled = 0;  // when `up` last made or found it as its file says; the same
  std::vector<RecordedNode> nodes;
  std::vector<HostPair> host_pairs;
  std::vector<TakenLink> taken;
  std::string host_table;  // of nftables, on the host; "": none
  /// Of nodes with a ruleset: nft_generation() when it was as the file says.
  std::map<std::string, std::uint32_t> rulesets;
  /// nullptr when the lab has no such interface.
  const RecordedInterface* find(const std::string& node, const std::string& interface) const;
  friend bool operator==(const LabRecord&, const LabRecord&) = default;
};

/// Where records and locks are: "/run/netyard".
extern const char* const kRunDirectory;
/// Where a lab keeps what ends so: "/run/netyard/LAB.json".
std::string run_file(const std::string& lab, std::string_view ending);

/// The record of a lab about to be made from a topology.
LabRecord make_record(const Topology& topology, const std::string& file);

/// The record as JSON text (record_envelope.h), and back. from_text throws Error naming `path`:
/// ENOTSUP for a format of a later netyard, EBADMSG for what is damaged or of an earlier one.
std::string to_text(const LabRecord& record);
LabRecord from_text(const std::string& text, const std::string& path);

/// From now on commands of this process wait so long for a lab that another one works on; max():
/// as long as it takes. They do not at first.
void wait_for_labs(std::chrono::milliseconds patience);

/// Holds a lab for one command: flock(2) on /run/netyard/LAB.lock. Released when it dies.
class LabLock {
 public:
  /// EBUSY when another command works on the lab, and goes on longer than wait_for_labs() says;
  /// EINTR when a signal came meanwhile.
  explicit LabLock(const std::string& lab);
  LabLock(LabLock&&) = default;
  LabLock& operator=(LabLock&&) = default;
  /// Removes the lock file, when no record is left, and the directory when it is empty.
  ~LabLock();

 private:
  std::string lab_;
  FileDescriptor file_;
};

/// Writes /run/netyard/LAB.json: to a temporary file first, then renamed over. Throws Error.
void save_record(const LabRecord& record);
/// nullopt when the lab has none. Throws Error, as from_text() does; see also engine/lost_lab.h.
std::optional<LabRecord> load_record(const std::string& lab);
void remove_record(const std::string& lab);
/// Names of all labs that have a record, sorted.
std::vector<std::string> recorded_labs();

}  // namespace netyard
