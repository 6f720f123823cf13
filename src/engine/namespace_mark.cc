// SPDX-License-Identifier: Apache-2.0
#include "engine/namespace_mark.h"

#include <linux/rtnetlink.h>

#include "base/directory.h"
#include "base/error.h"
#include "netlink/attributes.h"
#include "netlink/link.h"
#include "netlink/link_fields.h"

namespace netyard {
namespace {

constexpr std::string_view kOurMark = "netyard:";

std::optional<NamespaceMark> parse(const std::string& alias) {
  if (!alias.starts_with(kOurMark)) return {};
  const std::size_t colon = alias.find(':', kOurMark.size());
  if (colon == std::string::npos) return {};
  return NamespaceMark{alias.substr(kOurMark.size(), colon - kOurMark.size()),
                       alias.substr(colon + 1)};
}

std::vector<std::string> names_that_begin(const std::string& prefix) {
  std::vector<std::string> out = names_in(kNetnsDirectory);
  // LAB.NODE; neither has a '.' in it.
  std::erase_if(out, [&](const std::string& name) {
    return !name.starts_with(prefix) || name.find('.', 1) == std::string::npos;
  });
  return out;
}

}  // namespace

void set_mark(Socket& socket, const NamespaceMark& mark) {
  LinkChange change;
  change.ifindex = kLoopback;
  change.common.push_back(
      {find_link_field("alias"), std::string(kOurMark) + mark.lab + ":" + mark.node});
  const Ack ack = socket.request(change_link(change));
  if (!ack.ok()) throw_refused(ack, "mark namespace", mark.lab + "." + mark.node);
}

std::optional<NamespaceMark> mark_of(Socket& socket) {
  std::optional<NamespaceMark> out;
  const Ack ack = socket.get(get_link("lo"), [&](const nlmsghdr* link) {
    out = parse(Attributes(link, sizeof(ifinfomsg)).text(IFLA_IFALIAS));
  });
  if (!ack.ok()) throw_refused(ack, "look at", "lo");
  return out;
}

std::set<std::string> marked_labs(const std::vector<std::string>& known) {
  std::set<std::string> labs;
  for (const auto& name : names_that_begin("")) labs.insert(name.substr(0, name.find('.')));
  for (const auto& lab : known) labs.erase(lab);
  std::erase_if(labs, [](const std::string& lab) { return marked_namespaces(lab).empty(); });
  return labs;
}

std::vector<MarkedNamespace> marked_namespaces(const std::string& lab,
                                               const std::set<std::string>& known) {
  std::vector<MarkedNamespace> out;
  for (const auto& name : names_that_begin(lab + ".")) {
    if (known.contains(name)) continue;
    try {
      const FileDescriptor fd = open_namespace(name);
      Socket socket = socket_in(fd.get());
      const auto mark = mark_of(socket);
      if (!mark || mark->lab + "." + mark->node != name) continue;
      MarkedNamespace found{*mark, name, identify(fd.get())};
      found.identity.cookie = socket.namespace_cookie();
      out.push_back(std::move(found));
    } catch (const Error&) {
      continue;  // gone meanwhile, no namespace, or not ours to enter
    }
  }
  return out;
}

}  // namespace netyard
