// SPDX-License-Identifier: Apache-2.0
// The executor on a kernel that writes down what it is asked: every step fails once.
#include "engine/executor.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

constexpr const char* kLab = R"(name: x
nodes:
  h: {exec: [ls]}
  r: {kind: router}
  s: {kind: switch}
links:
- {endpoints: [h, s], ipv4: [10.0.0.1/24]}
- {endpoints: [r, s], ipv4: [10.0.0.2/24]}
- {endpoints: [host:v, r:eth9], ipv4: [10.1.0.1/24, 10.1.0.2/24]}
- {type: physical, endpoint: r:nic, host: enp1s0}
)";

class FakeKernel : public Kernel {
 public:
  explicit FakeKernel(std::size_t fail_at = SIZE_MAX) : fail_at_(fail_at) {}

  void create_namespace(NodeId node) override {
    count("create namespace");
    namespaces.insert(node);
  }
  void write_sysctl(const WriteSysctl& sysctl) override {
    require(sysctl.node);
    count("write sysctl");
  }
  std::vector<Ack> request(NodeId socket, std::span<const Operation* const> operations) override {
    require(socket);
    ++batches;
    std::vector<Ack> acks(operations.size());
    for (auto& ack : acks) {
      // As the real one: what stands behind a failure is done all the same.
      if (steps++ == fail_at_) ack = {ERANGE, "not that", "IFLA_X", true};
    }
    return acks;
  }
  void take_link(const TakeLink& take) override {
    require(take.node);
    count("take link");
  }
  std::optional<Error> load_rulesets(const std::vector<LoadRuleset>& loads,
                                     const std::function<bool()>&) override {
    for (const auto& load : loads) {
      if (load.node != kHost) require(load.node);
      if (steps++ == fail_at_) return Error(0, "load ruleset", "that").origin({});
    }
    return {};
  }
  void write_etc() override { count("write"); }
  void await_address(const AwaitAddress&, const std::function<bool()>&) override {
    count("await address");
  }
  void set_up_device(const Operation& operation) override {
    require(node_of(operation));
    count("set up device");
  }
  void set_offloads(const SetOffloads& set) override {
    require(set.node);
    count("set offloads");
  }
  CommandResult run_command(const RunCommand&, const std::function<bool()>&) override {
    CommandResult result;
    if (steps++ == fail_at_) result = {3, 0, "no\n", ""};
    return result;
  }
  void end_workloads(const std::vector<std::string>&) override {}
  std::optional<std::vector<FailedService>> start_services(const std::function<bool()>&) override {
    ++service_starts;
    return failing_services;
  }
  std::vector<Leftover> end_services(const std::string& lab) override {
    undone.push_back("end services of " + lab);
    return {};
  }
  NamespaceIdentity identity(NodeId) override { return {}; }
  std::vector<Leftover> remove_etc(const std::string& lab) override {
    undone.push_back("remove etc of " + lab);
    return {};
  }
  std::optional<Leftover> delete_host_table(const std::string& table) override {
    undone.push_back("delete table " + table);
    return {};
  }
  std::optional<Leftover> give_back(const TakenLink& link) override {
    undone.push_back("give back " + link.host_name);
    if (refuse_to_give_back)
      return Leftover{"link " + link.name + " in " + link.netns, Error(EBUSY, "move")};
    return {};
  }
  std::optional<Leftover> delete_pair(const HostPair& pair) override {
    undone.push_back("delete " + pair.host_name);
    return {};
  }
  std::vector<Leftover> delete_namespaces(const std::vector<std::string>& names) override {
    for (const auto& name : names) undone.push_back("delete " + name);
    return {};
  }

  std::size_t steps = 0;
  std::size_t batches = 0;
  std::size_t service_starts = 0;
  std::vector<FailedService> failing_services;
  std::set<NodeId> namespaces = {kHost};
  std::vector<std::string> undone;
  bool refuse_to_give_back = false;

 private:
  void count(const char* what) {
    if (steps++ == fail_at_) throw Error(ENOSPC, what);
  }
  void require(NodeId node) const {
    ASSERT_TRUE(namespaces.contains(node)) << "step before its namespace";
  }

  std::size_t fail_at_;
};

TEST(Executor, RunsEveryStepInFewBatches) {
  const LabText lab = load_text(kLab);
  FakeKernel kernel;
  std::size_t last = 0;
  ExecutionHooks hooks;
  hooks.progress = [&](std::size_t done, std::size_t of) {
    EXPECT_GT(done, last);
    EXPECT_LE(done, of);
    last = done;
  };
  const Execution execution = execute(kernel, lab.topology, lab.plan, hooks);
  EXPECT_TRUE(execution.complete);
  EXPECT_EQ(kernel.steps, lab.plan.steps.size());
  EXPECT_EQ(last, lab.plan.steps.size());
  EXPECT_EQ(execution.created, (std::vector<NodeId>{1, 2, 3}));
  EXPECT_LT(kernel.batches, 9U);
}

TEST(Executor, WhicheverStepFailsIsNamedWithItsPlace) {
  const LabText lab = load_text(kLab);
  for (std::size_t fail = 0; fail < lab.plan.steps.size(); ++fail) {
    FakeKernel kernel(fail);
    const Execution execution = execute(kernel, lab.topology, lab.plan, {});
    const Step& step = lab.plan.steps[fail];
    EXPECT_FALSE(execution.complete);
    ASSERT_TRUE(execution.error) << fail;
    EXPECT_EQ(execution.error->origin(), step.origin) << fail;
    EXPECT_EQ(execution.error->operation(), operation_of(step.operation)) << fail;
    EXPECT_EQ(execution.created.size() + 1, kernel.namespaces.size()) << fail;
  }
}

TEST(Executor, AnInterruptStopsItBetweenSteps) {
  const LabText lab = load_text(kLab);
  FakeKernel kernel;
  ExecutionHooks hooks;
  hooks.interrupted = [&] { return kernel.steps >= 5; };
  const Execution execution = execute(kernel, lab.topology, lab.plan, hooks);
  EXPECT_FALSE(execution.complete);
  EXPECT_FALSE(execution.error);
  EXPECT_EQ(kernel.steps, 5U);
}

// All in one go; the one blamed is the first of the plan that failed, at its place in the file.
TEST(Executor, StartsWorkloadsTogether) {
  const LabText lab = load_text(
      "name: x\nnodes:\n  a:\n    run:\n      db: [sleep, '1']\n      web: {command: [true], "
      "after: db}\n"
      "      later: {command: [true], autostart: false}\n");
  ASSERT_FALSE(lab.diagnostics.has_errors()) << lab.diagnostics.render();
  const auto planned = std::count_if(lab.plan.steps.begin(), lab.plan.steps.end(), [](auto& step) {
    return std::holds_alternative<StartWorkload>(step.operation);
  });
  EXPECT_EQ(planned, 2);
  FakeKernel kernel;
  EXPECT_TRUE(execute(kernel, lab.topology, lab.plan, {}).complete);
  EXPECT_EQ(kernel.service_starts, 1U);
  FakeKernel failing;
  failing.failing_services = {{"a/web", "a/db, which it comes after, failed", {}},
                              {"a/db", "exited with status 3", {"no", "disk"}}};
  const Execution execution = execute(failing, lab.topology, lab.plan, {});
  ASSERT_TRUE(execution.error);
  EXPECT_STREQ(execution.error->what(), "start workload a/db: exited with status 3");
  EXPECT_EQ(execution.error->hint(), "it said: no\ndisk");
  EXPECT_EQ(execution.error->origin().line, 5);
}

TEST(TearDown, GoesBackwardsAndKeepsWhatHoldsALink) {
  const LabText lab = load_text(kLab);
  const LabRecord record = make_record(lab.topology, "lab.yaml");
  FakeKernel kernel;
  EXPECT_TRUE(tear_down(kernel, record).empty());
  EXPECT_EQ(kernel.undone, (std::vector<std::string>{"end services of x", "give back enp1s0",
                                                     "delete v", "remove etc of x", "delete x.s",
                                                     "delete x.r", "delete x.h"}));
  FakeKernel stubborn;
  stubborn.refuse_to_give_back = true;
  EXPECT_EQ(tear_down(stubborn, record).size(), 1U);
  EXPECT_EQ(stubborn.undone,
            (std::vector<std::string>{"end services of x", "give back enp1s0", "delete v",
                                      "remove etc of x", "delete x.s", "delete x.h"}));
}

TEST(Record, IsTextAndBack) {
  const LabText lab = load_text(kLab);
  LabRecord record = make_record(lab.topology, "/labs/lab.yaml");
  record.nodes[0].identity = {1, 2, UINT64_MAX};
  record.phase = LabPhase::up;
  const std::string text = to_text(record);
  EXPECT_EQ(from_text(text, "f"), record);
  for (std::size_t length = 0; length + 2 < text.size(); length += 7) {
    EXPECT_THROW(from_text(text.substr(0, length), "f"), Error) << length;
  }
  EXPECT_THROW(from_text(R"({"version": 2})", "f"), Error);
  EXPECT_THROW(from_text("[]", "f"), Error);
}

}  // namespace
}  // namespace netyard::test
