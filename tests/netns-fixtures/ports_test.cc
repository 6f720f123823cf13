// SPDX-License-Identifier: Apache-2.0
// Every field of a port of a bridge or a bond, sent to a real kernel and read back: by ip(8), and
// by our own tables.
#include <fmt/format.h>

#include <map>
#include <optional>

#include "netlink/kind.h"
#include "netlink/link.h"
#include "netlink/link_data.h"
#include "netlink/observe.h"
#include "netlink/socket.h"
#include "netns-fixtures/one_namespace.h"
#include "netns/namespace.h"
#include "netns/pin.h"
#include "support/field_words.h"

namespace netyard::test {
namespace {

// Above what the kernel gives to links that it makes by itself.
constexpr std::uint32_t kMaster = 1010;
constexpr std::uint32_t kPort = 1020;
constexpr std::uint32_t kOther = 1021;

// What ip(8) calls a field, where it has another name.
const std::map<std::string, std::string> kIpWords = {{"mcast_router", "multicast_router"},
                                                     {"fast_leave", "fastleave"}};

class PortOf : public OneNamespaceTest, public testing::WithParamInterface<const char*> {
 protected:
  PortOf() : OneNamespaceTest("k") {}

  Ack make(const char* kind, const char* name, std::uint32_t ifindex, std::uint32_t master) {
    NewLink link;
    link.kind = find_link_kind(kind);
    link.name = name;
    link.ifindex = ifindex;
    link.master = master;
    if (link.kind->ordering == LinkClass::pair) {
      link.peer = LinkPeer{std::string(name) + "p", ifindex + 100, {}};
    }
    return socket_->request(new_link(link));
  }
};

// A number that is no bound and not the default.
std::string word_for(const Field& field) {
  static const std::map<std::string, std::string> kWords = {
      {"group_fwd_mask", "lldp"}, {"mcast_router", "always"}, {"backup_port", "q"}};
  if (const auto found = kWords.find(field.key); found != kWords.end()) return found->second;
  if (field.syntax == Syntax::flag) {
    return std::string_view(field.fallback) == "true" ? "false" : "true";
  }
  return "7";
}

TEST_P(PortOf, ShowsWhatWasSet) {
  const LinkKind& kind = *find_link_kind(GetParam());
  const Ack made = make(kind.name, "m", kMaster, 0);
  if (made.error == EOPNOTSUPP) GTEST_SKIP() << "this kernel has no " << kind.name;
  ASSERT_TRUE(made.ok()) << made.sentence;
  ASSERT_TRUE(make("veth", "q", kOther, kMaster).ok());
  ASSERT_TRUE(make("veth", "p", kPort, kMaster).ok());
  for (const auto& field : kind.port_fields) {
    const std::string word = word_for(field);
    SCOPED_TRACE(fmt::format("{} {}", field.key, word));
    FieldSetting setting{&field, {}};
    std::string problem;
    if (field.syntax == Syntax::interface) {
      setting.value = std::uint64_t{kOther};
    } else {
      ASSERT_TRUE(parse_field(field, word, setting.value, problem)) << problem;
    }
    LinkChange change;
    change.ifindex = kPort;
    change.master_kind = &kind;
    change.port = {setting};
    const Ack ack = socket_->request(change_link(change));
    const auto state = observe_link(*socket_, "p");
    ASSERT_TRUE(state.has_value());
    const Settings now = port_settings(*state);
    const FieldSetting* found = find_setting(now, field.key);
    // Kernels may be built without; netyard refuses it by name then.
    if (field.option != nullptr && (found == nullptr || !ack.ok())) continue;
    ASSERT_TRUE(ack.ok()) << ack.sentence;
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(format_field(field, found->value), format_field(field, setting.value));
    const auto data = ip_json("k", "-d link show p")[0]["linkinfo"]["info_slave_data"];
    const auto name = kIpWords.find(field.key);
    const std::string key = name != kIpWords.end() ? name->second : field.key;
    if (!data.contains(key)) {
      ADD_FAILURE() << "ip does not show " << key << ": " << data.dump();
      continue;
    }
    const auto& shown = data[key];
    const auto number = std::get<std::uint64_t>(setting.value);
    if (field.syntax == Syntax::interface) {
      EXPECT_EQ(shown, "q");
    } else if (shown.is_boolean()) {
      EXPECT_EQ(shown.get<bool>(), number != 0) << data.dump();
    } else if (shown.is_number()) {
      EXPECT_EQ(shown.get<std::uint64_t>(), number) << data.dump();
    } else {
      EXPECT_EQ(std::stoull(shown.get<std::string>(), nullptr, 16), number) << data.dump();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, PortOf, testing::Values("bridge", "bond"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace netyard::test
