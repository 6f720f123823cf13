// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/leftover.h"
#include "engine/record.h"
#include "netlink/ack.h"
#include "netns/namespace.h"
#include "process/command.h"
#include "topology/plan.h"

namespace netyard {

/// A workload that did not become ready, and the last that it wrote.
struct FailedService {
  std::string id;      // "NODE/NAME"
  std::string reason;  // "exited with status 1"
  std::vector<std::string> lines;
};

/// The seam between plans and the machine. RealKernel does it, a fake in the tests writes it down.
/// Everything throws Error unless it says otherwise.
class Kernel {
 public:
  virtual ~Kernel() = default;

  virtual void create_namespace(NodeId node) = 0;
  virtual void write_sysctl(const WriteSysctl& sysctl) = 0;
  /// Netlink operations of one socket, in order; one Ack each. None is undone when one fails.
  virtual std::vector<Ack> request(NodeId socket, std::span<const Operation* const> operations) = 0;
  virtual void take_link(const TakeLink& take) = 0;
  /// Loads the rulesets of these nodes; the first refusal, with its place in the file.
  virtual std::optional<Error> load_rulesets(const std::vector<LoadRuleset>& loads,
                                             const std::function<bool()>& interrupted) = 0;
  /// Makes the files that the nodes see in /etc.
  virtual void write_etc() = 0;
  /// Returns when the kernel is through with an address, or when interrupted; one that another has
  /// is an Error.
  virtual void await_address(const AwaitAddress& await,
                             const std::function<bool()>& interrupted) = 0;
  /// CreateDevice, SetWireGuard or SetMacsec: what rtnetlink cannot do.
  virtual void set_up_device(const Operation& operation) = 0;
  virtual void set_offloads(const SetOffloads& set) = 0;
  virtual CommandResult run_command(const RunCommand& command,
                                    const std::function<bool()>& interrupted) = 0;
  /// Starts all workloads of the topology that start by themselves and waits until they are ready.
  /// Those that failed; nullopt: interrupted.
  virtual std::optional<std::vector<FailedService>> start_services(
      const std::function<bool()>& interrupted) = 0;
  /// Ends these workloads ("NODE/NAME") of a lab that is up.
  virtual void end_workloads(const std::vector<std::string>& ids) = 0;
  /// Which namespace a node got.
  virtual NamespaceIdentity identity(NodeId node) = 0;

  /// The ways of taking down. What is gone already is no failure; nothing throws.
  virtual std::vector<Leftover> end_services(const std::string& lab) = 0;
  virtual std::vector<Leftover> remove_etc(const std::string& lab) = 0;
  virtual std::optional<Leftover> delete_host_table(const std::string& table) = 0;
  virtual std::optional<Leftover> give_back(const TakenLink& link) = 0;
  virtual std::optional<Leftover> delete_pair(const HostPair& pair) = 0;
  virtual std::vector<Leftover> delete_namespaces(const std::vector<std::string>& names) = 0;
};

}  // namespace netyard
