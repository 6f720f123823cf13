// SPDX-License-Identifier: Apache-2.0
// System calls fail, messages to netlink and answers of it are lost: what was asked for is done, or
// undone, or it is said.
#include <errno.h>

#include "e2e/campaign.h"

namespace netyard::test {
namespace {

class ErrorCampaignTest : public CampaignTest {};

constexpr int kErrors[] = {ENOMEM, EMFILE, ENOSPC, EINTR, ENOBUFS, EBUSY, EAGAIN};

// As kernels do not: without these a netlink request is answered, always.
constexpr const char* kLosses[] = {"drop {}", "lose {}", "silence {}"};

TEST_P(ErrorCampaignTest, WhatFailsIsUndoneOrSaid) {
  int first = 0;
  for (const int error : kErrors) {
    strike("error {} " + std::to_string(error), up_before(), 37, 1 + first++ % 7,
           [&](int, const std::string& when, const Output& up) {
             expect_done_or_undone(when, up);
             expect_down(when, up);
           });
    netyard("down k");
  }
  tell("errors in up");
}

TEST_P(ErrorCampaignTest, AChangeThatFailsIsUndoneOrSaid) {
  int first = 0;
  for (const int error : kErrors) {
    ASSERT_EQ(netyard(up_before()).status, 0);
    strike("error {} " + std::to_string(error), up_after(), 61, 1 + first++ % 11,
           [&](int, const std::string& when, const Output& up) {
             expect_changed_or_unchanged(when, up);
             expect_down(when, up);
             ASSERT_EQ(netyard(up_before()).status, 0);
           });
    netyard("down k");
  }
  tell("errors in a change");
}

TEST_P(ErrorCampaignTest, ADownThatFailsIsDoneByTheNext) {
  int first = 0;
  for (const int error : kErrors) {
    ASSERT_EQ(netyard(up_before()).status, 0);
    strike("error {} " + std::to_string(error), "down k", 53, 1 + first++ % 5,
           [&](int, const std::string& when, const Output& down) {
             EXPECT_TRUE(ended(down)) << when << down.text;
             if (down.status == 0) expect_nothing(when, down);
             expect_down(when, down);
             ASSERT_EQ(netyard(up_before()).status, 0);
           });
    netyard("down k");
  }
  tell("errors in down");
}

// The supervisor, the init of a workload and what becomes the workload; a network has none of them.
TEST_P(ErrorCampaignTest, WhatFailsInItsChildrenIsUndoneOrSaid) {
  int first = 0;
  for (const int error : kErrors) {
    strike("--children error {} " + std::to_string(error), up_before(), 17, 1 + first++ % 5,
           [&](int, const std::string& when, const Output& up) {
             expect_done_or_undone(when, up);
             expect_down(when, up);
           });
    netyard("down k");
  }
  tell("errors in children of up");
}

TEST_P(ErrorCampaignTest, WhatNetlinkLosesHangsNothing) {
  for (const char* loss : kLosses) {
    strike(loss, up_before(), 5, 1, [&](int, const std::string& when, const Output& up) {
      expect_done_or_undone(when, up);
      expect_down(when, up);
    });
    ASSERT_EQ(netyard(up_before()).status, 0);
    strike(loss, up_after(), 17, 1, [&](int, const std::string& when, const Output& up) {
      expect_changed_or_unchanged(when, up);
      expect_down(when, up);
      ASSERT_EQ(netyard(up_before()).status, 0);
    });
    strike(loss, "down k", 3, 1, [&](int, const std::string& when, const Output& down) {
      EXPECT_TRUE(ended(down)) << when << down.text;
      expect_down(when, down);
      ASSERT_EQ(netyard(up_before()).status, 0);
    });
    netyard("down k");
  }
  tell("messages and answers of netlink lost");
}

INSTANTIATE_TEST_SUITE_P(Labs, ErrorCampaignTest, testing::Values(kNetwork, kWorkloads),
                         name_of_labs);

}  // namespace
}  // namespace netyard::test
