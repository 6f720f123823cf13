// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <unordered_map>

#include "engine/kernel.h"
#include "engine/macsec_keys.h"
#include "engine/record.h"
#include "engine/wireguard_keys.h"
#include "netlink/socket.h"
#include "netns/sysctl.h"

namespace netyard {

/// The machine. Each namespace's netlink socket is opened once, while the thread is inside, and
/// lives beside its descriptor. The thread stays in the namespace it made last, until home() or the
/// end.
class RealKernel : public Kernel {
 public:
  /// topology gives names to nodes and may be empty when only taking down; it must outlive this.
  explicit RealKernel(const Topology& topology);
  ~RealKernel() override;
  RealKernel(const RealKernel&) = delete;
  RealKernel& operator=(const RealKernel&) = delete;

  /// Takes the thread back to where it was; whoever looks at the host by other means wants that.
  void home() { enter(kHost); }

  void create_namespace(NodeId node) override;
  void write_sysctl(const WriteSysctl& sysctl) override;
  std::vector<Ack> request(NodeId socket, std::span<const Operation* const> operations) override;
  void take_link(const TakeLink& take) override;
  std::optional<Error> load_rulesets(const std::vector<LoadRuleset>& loads,
                                     const std::function<bool()>& interrupted) override;
  void write_etc() override;
  void await_address(const AwaitAddress& await, const std::function<bool()>& interrupted) override;
  void set_up_device(const Operation& operation) override;
  void set_offloads(const SetOffloads& set) override;
  CommandResult run_command(const RunCommand& command,
                            const std::function<bool()>& interrupted) override;
  std::optional<std::vector<FailedService>> start_services(
      const std::function<bool()>& interrupted) override;
  void end_workloads(const std::vector<std::string>& ids) override;
  NamespaceIdentity identity(NodeId node) override;

  std::vector<Leftover> end_services(const std::string& lab) override;
  std::vector<Leftover> remove_etc(const std::string& lab) override;
  std::optional<Leftover> delete_host_table(const std::string& table) override;
  std::optional<Leftover> give_back(const TakenLink& link) override;
  std::optional<Leftover> delete_pair(const HostPair& pair) override;
  std::vector<Leftover> delete_namespaces(const std::vector<std::string>& names) override;

 private:
  struct Place {
    FileDescriptor fd;
    std::optional<Socket> socket;
  };
  Place& place(NodeId node);
  /// The namespace of a node: opened by its name when this did not make it.
  int namespace_of(NodeId node);
  void enter(NodeId node);
  void create_device(const CreateDevice& create);
  void set_wireguard(const SetWireGuard& set);
  std::optional<WireGuardKey> wireguard_key(InterfaceRef end);
  void set_macsec(const SetMacsec& set);
  void send_generic(const Operation& operation, const char* family,
                    const std::function<std::vector<Message>(std::uint16_t)>& make);
  Message encode(const Operation& operation);
  Message encode(const CreateLink& create);
  Message encode(const ShapeLink& shape);
  std::uint32_t host_ifindex(const std::string& name);

  const Topology& topology_;
  std::vector<Place> places_;  // by NodeId
  NodeId inside_ = kHost;
  SysctlWriter sysctls_;
  std::unordered_map<std::string, std::uint32_t> host_links_;
  std::optional<WireGuardKeys> wireguard_keys_;  // made with the first link that needs them
  std::optional<MacsecKeys> macsec_keys_;
};

}  // namespace netyard
