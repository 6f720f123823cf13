// SPDX-License-Identifier: Apache-2.0
#include "topology/impairments.h"

#include <gtest/gtest.h>

#include "support/lab_text.h"
#include "topology/presets.h"

namespace netyard::test {
namespace {

struct Bad {
  const char* keys;     // of a link in line 2, from column 36 on
  const char* message;  // a part of "COLUMN: message | hint"
};

class BadImpairment : public testing::TestWithParam<Bad> {};

TEST_P(BadImpairment, IsExplained) {
  const std::string text =
      std::string("nodes: {a: {}, b: {}}\nlinks:  [{endpoints: [a:e0, b:e0], ") + GetParam().keys +
      "}]\n";
  const LabText lab = load_text(text);
  EXPECT_TRUE(lab.diagnostics.has_errors()) << text;
  EXPECT_NE(brief(lab.diagnostics).find(std::string("2:") + GetParam().message), std::string::npos)
      << text << brief(lab.diagnostics);
}

INSTANTIATE_TEST_SUITE_P(
    Words, BadImpairment,
    testing::Values(
        Bad{"dealy: 1ms", "36: unknown key 'dealy' | did you mean 'delay'?"},
        Bad{"loss: 120%",
            "42: '120%' is not right for loss: expected a percentage from 0% to 100%"},
        Bad{"loss: 0.1", "42: '0.1' is not right for loss"},
        Bad{"delay: 10", "43: '10' is not right for delay: expected a time"},
        Bad{"rate: 1bit", "42: '1bit' is not right for rate: expected a rate from 8bit"},
        Bad{"rate: 10", "42: '10' is not right for rate"},
        Bad{"limit: -1", "43: '-1' is not right for limit"},
        Bad{"delay: {a: 1}", "43: expected a value, found a mapping"},
        Bad{"slot: 5ms", "42: expected a mapping, found text | its keys are min, max"},
        Bad{"loss: {gmodel: {p: 1%}}", "43: unknown key 'gmodel' | did you mean 'gemodel'?"},
        Bad{"delay: 5ms, jitter: 1ms, distribution: norml", "75: unknown distribution 'norml'"},
        Bad{"reorder: 5%", "45: 'reorder' without 'delay' does nothing | add 'delay'"},
        Bad{"jitter: 5ms", "44: 'jitter' without 'delay'"},
        Bad{"delay: 5ms, distribution: normal", "62: 'distribution' without 'jitter'"},
        Bad{"delay: 5ms, delay_correlation: 5%", "67: 'delay_correlation' without 'jitter'"},
        Bad{"loss_correlation: 5%", "54: 'loss_correlation' without 'loss'"},
        Bad{"queue: 5ms", "43: 'queue' without 'rate'"},
        Bad{"loss: {gemodel: {r: 5%}}", "56: 'loss.gemodel.r' without 'loss.gemodel.p'"},
        Bad{"loss: {gemodel: {p: 5%}, state: {p13: 1%}}",
            "74: 'loss.gemodel.p' and 'loss.state.p13' "
            "exclude each other"},
        Bad{"loss: {state: {p13: 60%, p14: 50%}}",
            "66: 'loss.state.p13' and 'loss.state.p14' are more "
            "than 100% together"},
        Bad{"slot: {min: 5ms, max: 1ms}", "48: slot.min 5ms is above slot.max 1ms"},
        Bad{"rate: 1mbit, burst: 1000", "56: burst 1000 is smaller than a packet of 1514 bytes"},
        Bad{"rate: 1mbit, delay: 1ms, burst: 9000", "68: 'burst' is for a rate alone"}));

INSTANTIATE_TEST_SUITE_P(
    Places, BadImpairment,
    testing::Values(Bad{"from: {c:e0: {delay: 1ms}}", "43: 'c:e0' is no end of this link"},
                    Bad{"from: {a:e0: {delaj: 1ms}}",
                        "50: unknown key 'delaj' | did you mean 'delay'?"},
                    Bad{"preset: dsk", "44: there is no preset 'dsk' | did you mean 'dsl'?"},
                    Bad{"preset: {name: dsl, subscriber: c}", "44: 'c' is no end of this link"},
                    Bad{"from: {a: {preset: dsl}}", "55: preset dsl is not the same both ways"},
                    Bad{"delay: 1ms, from: {a: {qdisc: {kind: tbf, rate: 1mbit}}}",
                        "66: e0 has both 'qdisc' and "
                        "impairments: 'delay' at"},
                    Bad{"offloads: {tzo: off}", "47: unknown offload 'tzo' | did you mean 'tso'?"},
                    Bad{"offloads: {tso: maybe}", "52: expected true or false"}));

INSTANTIATE_TEST_SUITE_P(
    Qdiscs, BadImpairment,
    testing::Values(
        Bad{"qdisc: {kind: tbg}", "50: unknown kind of qdisc 'tbg' | did you mean 'tbf'?"},
        Bad{"qdisc: tbf", "43: the qdisc tbf needs 'rate'"},
        Bad{"qdisc: {rate: 1mbit}", "43: the qdisc has no 'kind'"},
        Bad{"qdisc: {kind: tbf, rate: 1mbit, peak: 2mbit}", "68: unknown key 'peak'"},
        Bad{"qdisc: {kind: tbf, rate: 2mbit, peakrate: 1mbit}",
            "78: peakrate 1mbit is below rate 2mbit"},
        Bad{"qdisc: {kind: tbf, rate: 1mbit, burst: 1000}",
            "75: burst 1000 is smaller than a packet"},
        Bad{"qdisc: {kind: tbf, rate: 1mbit, limit: 9000, latency: 5ms}",
            "90: 'limit' and 'latency'"},
        Bad{"qdisc: {kind: pfifo, limit: 0}", "64: '0' is not right for limit"},
        Bad{"qdisc: {kind: pfifo, limit: 5, classes: {}}", "67: unknown key 'classes'"},
        Bad{"qdisc: {kind: prio, bands: 2, priomap: 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1}",
            "75: 'priomap' is "
            "16 numbers from 0 to 1"},
        Bad{"qdisc: {kind: netem, reorder: 5%}", "66: 'reorder' without 'delay'"},
        Bad{"qdisc: {kind: htb, default: 9, classes: {10: {rate: 1mbit}}}",
            "64: there is no class 9"},
        Bad{"qdisc: {kind: htb, classes: {10: {ceil: 1mbit}}}", "69: a class of htb needs 'rate'"},
        Bad{"qdisc: {kind: htb, classes: {xyz: {rate: 1mbit}}}",
            "65: 'xyz' is no number of a class"},
        Bad{"qdisc: {kind: htb, classes: {10: {rate: 2mbit, ceil: 1mbit}}}",
            "89: ceil 1mbit is below rate"},
        Bad{"qdisc: {kind: htb, classes: {1: {rate: 1mbit}, 10: {rate: 2mbit, parent: 1}}}",
            "94: rate 2mbit is above that of class 1, of which it is a part: 1mbit"},
        Bad{"qdisc: {kind: htb, classes: {10: {rate: 2mbit, parent: 5}}}",
            "65: there is no class 5, the "
            "parent of 10"},
        Bad{"qdisc: {kind: htb, classes: {10: {rate: 2mbit, parent: 10}}}",
            "65: class 10 is a part of itself"},
        Bad{"qdisc: {kind: htb, classes: {10: {rate: 2mbit, match: {mark: 1, dport: 5}}}}",
            "90: 'mark' stands "
            "alone"},
        Bad{"qdisc: {kind: htb, classes: {10: {rate: 2mbit, match: {dscp: 64}}}}",
            "97: expected a number from 0 "
            "to 63, found '64'"}));

std::string plan_of(const std::string& keys) {
  const LabText lab = load_text(
      "name: x\nnodes: {a: {}, b: {}}\nlinks: [{endpoints: [a:e0, b:e0], " + keys + "}]\n");
  EXPECT_EQ(lab.diagnostics.render(), "") << keys;
  std::string out;
  for (const auto& step : lab.plan.steps) {
    const std::string line = describe(lab.topology, step.operation);
    if (line.starts_with("add ") || line.starts_with("set off")) out += line + "\n";
  }
  return out;
}

TEST(Impairments, MeanBothDirectionsOrTheSendingEnd) {
  EXPECT_EQ(plan_of("rate: 10mbit"),
            "add tbf rate 10mbit burst 5000 limit 130000 to e0 in a\n"
            "add tbf rate 10mbit burst 5000 limit 130000 to e0 in b\n");
  EXPECT_EQ(plan_of("from: {\"b:e0\": {delay: 20ms, loss: 1%}}"),
            "add netem delay 20ms loss 1% limit 16513 to e0 in b\n");
  EXPECT_EQ(plan_of("delay: 20ms, from: {a: {delay: none}}"),
            "add netem delay 20ms limit 16513 to e0 in b\n");
}

TEST(Impairments, ThePresetIsUnderTheOwnWords) {
  EXPECT_EQ(plan_of("preset: dsl, delay: 5ms"),
            "add netem rate 384kbit delay 5ms limit 64 to e0 in a\n"
            "add netem rate 1.5mbit delay 5ms limit 64 to e0 in b\n");
  EXPECT_EQ(plan_of("preset: {name: dsl, subscriber: b}, delay: none"),
            "add tbf rate 1.5mbit burst 3028 limit 21778 to e0 in a\n"
            "add tbf rate 384kbit burst 3028 limit 9084 to e0 in b\n");
}

TEST(Impairments, EveryPresetIsReadable) {
  for (const auto& preset : presets()) {
    for (const bool up : {true, false}) {
      const Settings words = preset_words(preset, up);
      EXPECT_EQ(format_words(words), up ? preset.up : preset.down);
      EXPECT_TRUE(check_impairments(words, 1500).empty()) << preset.name;
    }
  }
}

TEST(Impairments, ALimitHoldsRateTimesDelay) {
  const LabText lab =
      load_text("nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], delay: 50ms, rate: 10mbit}]\n");
  const auto& steps = lab.topology.nodes[1].interfaces[1].shaping.steps;
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(number_in(std::get<Qdisc>(steps[0].object).settings, "limit"), 184U + 83U);
}

TEST(Impairments, AreFoundAgainInTheQdisc) {
  for (const char* preset : {"dsl", "lossy-wifi", "leo"}) {
    const Settings words = preset_words(*find_preset(preset), true);
    Qdisc qdisc = *impairment_qdisc(words, 1500);
    qdisc.settings = as_read_back(qdisc);
    const auto again = impairments_of(qdisc, words, 1500);
    ASSERT_TRUE(again);
    for (const auto& word : words) {
      const FieldSetting* found = find_setting(*again, word.field->key);
      ASSERT_NE(found, nullptr) << word.field->key;
      EXPECT_TRUE(same_setting(word, *found)) << word.field->key;
    }
    EXPECT_EQ(find_setting(*again, "limit"), nullptr) << "that is worked out";
  }
}

TEST(Impairments, OfANetworkAreOfItsEnds) {
  const LabText lab = load_text(
      "name: x\nnodes: {a: {}, b: {}, c: {}}\n"
      "networks: {lan: {endpoints: [a, b, c], rate: 1mbit, from: {c: {rate: 2mbit}}}}\n");
  ASSERT_EQ(lab.diagnostics.render(), "");
  int steps = 0;
  for (const auto& node : lab.topology.nodes) {
    for (const auto& interface : node.interfaces) {
      for (const auto& step : interface.shaping.steps) {
        EXPECT_EQ(number_in(std::get<Qdisc>(step.object).settings, "rate"),
                  node.name == "c" ? 2'000'000U : 1'000'000U);
        ++steps;
      }
    }
  }
  EXPECT_EQ(steps, 3);
}

TEST(Impairments, DefaultsAreForPairs) {
  const LabText lab = load_text(
      "name: x\ndefaults: {link: {rate: 1mbit, offloads: {gro: on}}}\nnodes: {a: {}, b: {}}\n"
      "links: [{endpoints: [a, b]}, {endpoints: [a, b], rate: none}, {type: bridge, endpoint: "
      "a:br}]\n");
  ASSERT_EQ(lab.diagnostics.render(), "");
  EXPECT_EQ(lab.topology.nodes[1].interfaces[1].shaping.steps.size(), 1U);
  EXPECT_TRUE(lab.topology.nodes[1].interfaces[2].shaping.steps.empty());
  EXPECT_TRUE(lab.topology.nodes[1].interfaces[3].shaping.offloads.empty());
}

TEST(Impairments, AJitterAboveTheDelayIsAWarning) {
  const LabText lab =
      load_text("nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], delay: 1ms, jitter: 2ms}]\n");
  EXPECT_FALSE(lab.diagnostics.has_errors());
  EXPECT_NE(brief(lab.diagnostics).find("jitter 2ms is above delay 1ms"), std::string::npos);
}

}  // namespace
}  // namespace netyard::test
