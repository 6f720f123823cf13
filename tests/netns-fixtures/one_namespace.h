// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "netlink/socket.h"
#include "netns-fixtures/fixture.h"
#include "netns/namespace.h"
#include "netns/pin.h"

namespace netyard::test {

/// A test with a named namespace and a socket in it; the thread stays where it is.
class OneNamespaceTest : public CleanNetnsTest {
 protected:
  explicit OneNamespaceTest(std::string name) : name_(std::move(name)) {}

  void SetUp() override {
    CleanNetnsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    prepare_netns_directory();
    const FileDescriptor home = current_namespace();
    const NamespaceScope back(home.get());
    fd_ = create_pinned_namespace(name_);
    made_ = true;
    socket_.emplace();
  }
  void TearDown() override {
    socket_.reset();
    fd_.reset();
    if (made_) unpin_namespaces({name_});
    CleanNetnsTest::TearDown();
  }

  std::string name_;
  bool made_ = false;
  FileDescriptor fd_;
  std::optional<Socket> socket_;
};

}  // namespace netyard::test
