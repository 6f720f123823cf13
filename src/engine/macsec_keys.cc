// SPDX-License-Identifier: Apache-2.0
#include "engine/macsec_keys.h"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/error.h"
#include "engine/secret_file.h"
#include "netlink/generic.h"
#include "netlink/link.h"
#include "netlink/socket.h"
#include "netns/namespace.h"

namespace netyard {
namespace {

constexpr std::uint32_t kMacsecProbe = 90;

void fill_randomly(std::uint8_t* bytes, std::size_t size) {
  if (RAND_priv_bytes(bytes, static_cast<int>(size)) != 1) {
    throw Error(EIO, "make", "a MACsec key").reason("no random bytes");
  }
}

MacsecKey make_key(std::size_t size) {
  MacsecKey key;
  key.size = size;
  fill_randomly(key.bytes.data(), size);
  return key;
}

MacsecKey read_key_file(const std::string& path, std::size_t size) {
  std::string text = read_secret(path);
  const auto key = parse_macsec_key(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!key) {
    throw Error(EINVAL, "read key", path)
        .reason("it holds no MACsec key")
        .hint("32 hexadecimal digits, or 64 for a cipher of 256 bits");
  }
  if (key->size != size) {
    throw Error(EINVAL, "read key", path)
        .reason(fmt::format("it has {} bytes, the cipher needs {}", key->size, size));
  }
  return *key;
}

MacsecAssociation association(const PlannedMacsec& planned) {
  MacsecAssociation out;
  out.number = planned.association;
  out.key = planned.key                ? *planned.key
            : planned.key_file.empty() ? make_key(planned.key_size)
                                       : read_key_file(planned.key_file, planned.key_size);
  for (std::size_t i = 0; i < sizeof planned.number; ++i) {
    out.key_id[out.key_id.size() - 1 - i] = static_cast<std::uint8_t>(planned.number >> (8 * i));
  }
  out.extended = planned.extended;
  out.ssci = planned.number;
  if (out.extended) fill_randomly(out.salt.data(), out.salt.size());
  return out;
}

void check_file(const std::string& path, std::size_t size, const Location& at,
                Diagnostics& diagnostics) {
  if (path.empty()) return;
  try {
    MacsecKey key = read_key_file(path, size);
    OPENSSL_cleanse(key.bytes.data(), key.bytes.size());
  } catch (const Error& error) {
    diagnostics.error(at, error.what());
    return;
  }
  warn_if_readable(path, at, diagnostics);
}

// Whether the kernel takes an association of the link's cipher.
Ack try_association(Socket& routes, const TopologyLink& link) {
  NewLink parent;
  parent.kind = find_link_kind("veth");
  parent.name = "macsec0";
  parent.ifindex = kMacsecProbe;
  parent.peer = LinkPeer{"macsec1", kMacsecProbe + 1, {}};
  NewLink probe;
  probe.kind = link.kind;
  probe.name = "macsec2";
  probe.ifindex = kMacsecProbe + 2;
  probe.parent = kMacsecProbe;
  probe.settings = link.settings;
  Ack ack = routes.request(new_link(parent));
  if (ack.ok()) ack = routes.request(new_link(probe));
  if (ack.ok()) {
    Socket socket(NETLINK_GENERIC);
    const auto family = find_generic_family(socket, "macsec");
    MacsecDevice device;
    device.ifindex = kMacsecProbe + 2;
    PlannedMacsec planned = *link.macsec;
    planned.key = make_key(planned.key_size);
    device.association = association(planned);
    if (family) ack = socket.request(std::move(set_macsec(*family, device).front()));
  }
  routes.request(delete_link(kMacsecProbe));
  return ack;
}

void check_kernel(const Topology& topology, int scratch, Diagnostics& diagnostics) {
  const NamespaceScope scope(scratch);
  Socket routes;
  std::set<std::pair<std::size_t, bool>> tried;
  for (const auto& link : topology.links) {
    if (!link.macsec) continue;
    if (!tried.emplace(link.macsec->key_size, link.macsec->extended).second) continue;
    const Ack ack = try_association(routes, link);
    if (ack.ok()) continue;
    diagnostics.error(link.at, fmt::format("this kernel has no {}gcm(aes) of {} bits for macsec "
                                           "(CONFIG_CRYPTO_GCM, CONFIG_CRYPTO_AES): {}",
                                           link.macsec->extended ? "extended " : "",
                                           link.macsec->key_size * 8, errno_sentence(ack.error)));
  }
}

}  // namespace

MacsecKeys::MacsecKeys(const Topology& topology) : topology_(topology) {
  for (const auto& link : topology.links) {
    if (link.macsec) associations_.emplace_back(link.end, association(*link.macsec));
  }
}

MacsecKeys::~MacsecKeys() {
  for (auto& [end, one] : associations_) {
    OPENSSL_cleanse(one.key.bytes.data(), one.key.bytes.size());
  }
}

const MacsecAssociation& MacsecKeys::association_of(InterfaceRef end) const {
  return std::find_if(associations_.begin(), associations_.end(),
                      [&](const auto& one) { return one.first == end; })
      ->second;
}

MacsecDevice MacsecKeys::device(std::size_t number) const {
  const TopologyLink& link = topology_.links[number];
  MacsecDevice out;
  out.ifindex = topology_.interface(link.end).ifindex;
  out.association = association_of(link.end);
  for (const auto& peer : link.macsec->peers) {
    MacsecChannel channel;
    channel.sci = peer.sci;
    if (peer.link) {
      channel.association = association_of(*peer.link);
    } else {
      channel.association.number = peer.association;
      channel.association.key =
          peer.key ? *peer.key : read_key_file(peer.key_file, link.macsec->key_size);
    }
    out.channels.push_back(channel);
  }
  return out;
}

void check_macsec(const Topology& topology, int scratch, Diagnostics& diagnostics) {
  bool any = false;
  for (const auto& link : topology.links) {
    if (!link.macsec) continue;
    any = true;
    const PlannedMacsec& planned = *link.macsec;
    bool written = planned.key.has_value();
    const Location* at = &planned.key_at;
    for (const auto& peer : planned.peers) {
      if (peer.key && !written) at = &peer.at;
      written = written || peer.key;
      check_file(peer.key_file, planned.key_size, peer.at, diagnostics);
    }
    check_file(planned.key_file, planned.key_size, planned.key_at, diagnostics);
    if (written) warn_if_written(*at, diagnostics);
  }
  if (any && !diagnostics.has_errors()) check_kernel(topology, scratch, diagnostics);
}

}  // namespace netyard
