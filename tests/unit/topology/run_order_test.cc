// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/lab_text.h"

namespace netyard::test {
namespace {

using Words = std::vector<std::string>;

// The order of start, and what each waits for: "h1/web < h1/db h2/x".
std::string order_of(const LabText& lab) {
  std::string out;
  for (const auto& planned : lab.topology.services) {
    out += planned.service.id();
    if (!planned.service.after.empty()) out += " <";
    for (const auto& other : planned.service.after) out += " " + other;
    out += "\n";
  }
  return out;
}

std::string mistakes_of(const std::string& nodes) {
  return brief(load_text("nodes:\n" + nodes).diagnostics);
}

TEST(RunOrder, IsTheFilesWithoutAfter) {
  const LabText lab = load_text(
      "nodes:\n  b: {run: {y: x, x: x}}\n  a: {run: {z: x}}\n  s: {kind: switch, run: {w: x}}\n");
  EXPECT_EQ(order_of(lab), "b/y\nb/x\na/z\ns/w\n");
}

TEST(RunOrder, PutsWhatIsWaitedForFirst) {
  const LabText lab = load_text(R"(nodes:
  h1:
    run:
      web: {command: x, after: [db, h2/cache, h3, h3/a]}
      db: x
      other: x
  h2: {run: {cache: {command: x, after: h3/b}}}
  h3: {run: {a: x, b: x, c: {command: x, autostart: false}}}
)");
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(order_of(lab),
            "h1/db\nh1/other\nh3/a\nh3/b\nh2/cache < h3/b\n"
            "h1/web < h1/db h2/cache h3/a h3/b\nh3/c\n");
  EXPECT_EQ(lab.topology.services[5].at.to_string(), "lab.yaml:4:7");
}

TEST(RunOrder, AWorkloadOfTheNodeComesBeforeANodeOfThatName) {
  const LabText lab = load_text(
      "nodes:\n  a: {run: {b: x, c: {command: x, after: b}}}\n  b: {run: {d: x}}\n"
      "  c: {run: {x: {command: x, after: c}, y: x}}\n");
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(order_of(lab), "a/b\na/c < a/b\nb/d\nc/y\nc/x < c/y\n");
}

TEST(RunOrder, WhatIsStartedByHandMayWaitForWhatIsStartedByHand) {
  const LabText lab = load_text(
      "nodes:\n  a: {run: {x: {command: x, autostart: false, after: y},"
      " y: {command: x, autostart: false}}}\n");
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(order_of(lab), "a/y\na/x < a/y\n");
}

TEST(RunOrder, SaysWhatIsNotThere) {
  EXPECT_EQ(mistakes_of("  h1: {run: {web: {command: x, after: h9/web}}}\n"),
            "2:39: there is no node 'h9' | did you mean 'h1'?\n");
  EXPECT_EQ(mistakes_of("  h1: {run: {web: {command: x, after: h2/dbs}}}\n  h2: {run: {db: x}}\n"),
            "2:39: h2 has no workload 'dbs' | did you mean 'db'?\n");
  EXPECT_EQ(mistakes_of("  h1: {run: {web: {command: x, after: [wbe, host]}}}\n"),
            "2:40: h1 has no workload 'wbe', nor is there such a node | did you mean 'web'?\n"
            "2:45: h1 has no workload 'host', nor is there such a node\n");
  EXPECT_EQ(mistakes_of("  h1: {run: {web: {command: x, after: db}}}\n  h2: {run: {db: x}}\n"),
            "2:39: h1 has no workload 'db', nor is there such a node | did you mean 'h2/db'?\n");
  EXPECT_EQ(mistakes_of("  h1: {run: {web: {command: x, after: h2}}}\n  h2: {}\n"),
            "2:39: h1/web waits for h2, which has no workload to wait for\n");
  EXPECT_EQ(mistakes_of("  h1: {run: {web: {command: x, after: web}}}\n"),
            "2:39: h1/web cannot wait for itself\n");
  EXPECT_EQ(mistakes_of("  h1: {run: {web: {command: x, after: db},\n"
                        "    db: {command: x, autostart: false}}}\n"),
            "2:39: h1/web waits for h1/db, which 'up' does not start | remove 'autostart: false' "
            "from h1/db, or say it of h1/web as well\n");
}

TEST(RunOrder, NamesEachCircle) {
  EXPECT_EQ(mistakes_of(R"(  h1:
    run:
      first: {command: x, after: web}
      web: {command: x, after: h2/db}
  h2: {run: {db: {command: x, after: [h3, h1/web]}}}
  h3: {run: {a: {command: x, after: b}, b: {command: x, after: a}}}
)"),
            "7:37: 'after' goes round in a circle: h3/a -> h3/b -> h3/a\n"
            "5:32: 'after' goes round in a circle: h1/web -> h2/db -> h1/web\n");
}

TEST(RunOrder, HasABound) {
  std::string text = "nodes:\n  a:\n    run:\n";
  for (int i = 0; i < 1001; ++i) text += "      w" + std::to_string(i) + ": x\n";
  text += "  b:\n    run:\n";
  for (int i = 0; i < 1000; ++i) {
    text += "      w" + std::to_string(i) + ": {command: x, after: a}\n";
  }
  EXPECT_EQ(brief(load_text(text).diagnostics),
            "2006:33: workloads wait for more than 1000000 others in all | wait for one of a node "
            "instead of all\n");
}

TEST(RunOrder, IsQuickForManyWorkloads) {
  std::string text = "nodes:\n";
  for (int i = 0; i < 2000; ++i) {
    const std::string next = i + 1 < 2000 ? ", after: n" + std::to_string(i + 1) : "";
    text += "  n" + std::to_string(i) + ": {run: {w: {command: x" + next + "}}}\n";
  }
  const LabText lab = load_text(text);
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(lab.topology.services.front().service.id(), "n1999/w");
  EXPECT_EQ(lab.topology.services.back().service.id(), "n0/w");
}

}  // namespace
}  // namespace netyard::test
