// SPDX-License-Identifier: Apache-2.0
// Netyard, or a process that it began, is killed at a system call, or between the halves of a
// write.
#include "e2e/campaign.h"

namespace netyard::test {
namespace {

class KillCampaignTest : public CampaignTest {};

TEST_P(KillCampaignTest, AnUpThatIsKilledIsClearedByDown) {
  strike("kill {}", up_before(), 61, 1,
         [&](int, const std::string& when, const Output& out) { expect_down(when, out); });
  netyard("down k");
  tell("up killed, then down");
}

TEST_P(KillCampaignTest, AnUpThatIsKilledIsDoneByTheNext) {
  strike("kill {}", up_before(), 59, 1, [&](int, const std::string& when, const Output&) {
    const Output up = netyard(up_before());
    EXPECT_EQ(up.status, 0) << when << up.text;
    expect_is(*before_, when, up);
    expect_down(when, up);
  });
  netyard("down k");
  tell("up killed, then up");
}

TEST_P(KillCampaignTest, ADownThatIsKilledIsDoneByTheNext) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  strike("kill {}", "down k", 89, 1, [&](int, const std::string& when, const Output& out) {
    expect_down(when, out);
    ASSERT_EQ(netyard(up_before()).status, 0);
  });
  netyard("down k");
  tell("down killed, then down");
}

TEST_P(KillCampaignTest, AChangeThatIsKilledGoesOnOrBackOrDown) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  strike("kill {}", up_after(), 71, 1, [&](int number, const std::string& when, const Output& out) {
    Output next = out;
    if (number % 3 != 0) {
      const LabFile& file = number % 3 == 1 ? *before_ : *after_;
      next = netyard("up " + file.path());
      EXPECT_EQ(next.status, 0) << when << next.text;
      expect_is(file, when, next);
    }
    expect_down(when, next);
    ASSERT_EQ(netyard(up_before()).status, 0);
  });
  netyard("down k");
  tell("change killed, then change, back or down");
}

// Whoever makes the call: netyard itself, nft, the supervisor, the init of a workload, a workload.
TEST_P(KillCampaignTest, AnyProcessOfAnUpIsKilled) {
  strike("--all kill {}", up_before(), 223, 1,
         [&](int number, const std::string& when, const Output& out) {
           EXPECT_NE(out.status, kHangs) << when << out.text;
           if (number % 2 == 0) {
             const Output up = netyard(up_before());
             EXPECT_EQ(up.status, 0) << when << out.text << up.text;
             expect_is(*before_, when, up);
           }
           expect_down(when, out);
         });
  netyard("down k");
  tell("any process of up killed, then up or down");
}

TEST_P(KillCampaignTest, AnyProcessOfAChangeIsKilled) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  strike("--all kill {}", up_after(), 311, 2,
         [&](int number, const std::string& when, const Output& out) {
           EXPECT_NE(out.status, kHangs) << when << out.text;
           if (number % 2 == 0) {
             const Output up = netyard(up_after());
             EXPECT_EQ(up.status, 0) << when << out.text << up.text;
             expect_is(*after_, when, up);
           }
           expect_down(when, out);
           ASSERT_EQ(netyard(up_before()).status, 0);
         });
  netyard("down k");
  tell("any process of a change killed, then up or down");
}

TEST_P(KillCampaignTest, AnyProcessOfADownIsKilled) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  strike("--all kill {}", "down k", 223, 1, [&](int, const std::string& when, const Output& out) {
    EXPECT_NE(out.status, kHangs) << when << out.text;
    expect_down(when, out);
    ASSERT_EQ(netyard(up_before()).status, 0);
  });
  netyard("down k");
  tell("any process of down killed, then down");
}

// What a machine that loses its power, or its disk its room, leaves in the middle of a write.
TEST_P(KillCampaignTest, EveryWriteOfAnUpIsCut) {
  strike("--all cut {}", up_before(), 3, 1,
         [&](int number, const std::string& when, const Output& out) {
           if (number % 2 == 0) {
             const Output up = netyard(up_before());
             EXPECT_EQ(up.status, 0) << when << up.text;
             expect_is(*before_, when, up);
           }
           EXPECT_LT(netyard("status k").status, 128) << when;
           expect_down(when, out);
         });
  netyard("down k");
  tell("writes of up cut");
}

TEST_P(KillCampaignTest, EveryWriteOfAChangeIsCut) {
  ASSERT_EQ(netyard(up_before()).status, 0);
  strike("--all cut {}", up_after(), 3, 1,
         [&](int number, const std::string& when, const Output& out) {
           EXPECT_LT(netyard("status k").status, 128) << when;
           if (number % 2 == 0) {
             const Output up = netyard(up_after());
             EXPECT_EQ(up.status, 0) << when << up.text;
             expect_is(*after_, when, up);
           }
           expect_down(when, out);
           ASSERT_EQ(netyard(up_before()).status, 0);
         });
  netyard("down k");
  tell("writes of a change cut");
}

INSTANTIATE_TEST_SUITE_P(Labs, KillCampaignTest, testing::Values(kNetwork, kWorkloads),
                         name_of_labs);

}  // namespace
}  // namespace netyard::test
