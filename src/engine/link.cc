// SPDX-License-Identifier: Apache-2.0
#include "engine/link.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "base/suggest.h"
#include "engine/recorded_traffic.h"
#include "netlink/link_memory.h"
#include "netlink/observe.h"
#include "netns/pin.h"
#include "topology/impairments.h"

namespace netyard {
namespace {

LabRecord require_record(const std::string& lab) {
  auto record = load_record(lab);
  if (record) return std::move(*record);
  throw Error(0, "find", "lab " + lab)
      .reason("no lab of this name is up")
      .hint("'netyard ls' shows those that are");
}

std::optional<LinkEnd> end_named(const LabRecord& record, const std::string& word) {
  for (const auto& node : record.nodes) {
    for (const auto& interface : node.interfaces) {
      LinkEnd end{node.name, interface.name, node.netns};
      if (end.name() == word) return end;
    }
  }
  return {};
}

const RecordedInterface& recorded_interface(const LabRecord& record, const LinkEnd& end) {
  const RecordedInterface* found = record.find(end.node, end.interface);
  if (found != nullptr) return *found;
  throw Error(0, "find", "link " + end.name()).reason("the lab has no such link");
}

RecordedInterface& recorded_interface(LabRecord& record, const LinkEnd& end) {
  return const_cast<RecordedInterface&>(recorded_interface(std::as_const(record), end));
}

void request(OpenEnd& open, Message message, const char* operation, const std::string& object,
             const QdiscKind* kind) {
  const Ack ack = open.socket.request(std::move(message));
  if (ack.ok()) return;
  Error error(ack.answered ? ack.error : EIO, operation, object);
  error.kernel(ack.sentence, ack.attribute);
  if (ack.error == EPERM) error.hint("this needs CAP_NET_ADMIN over the network namespace");
  if (ack.error == ENOENT && kind != nullptr) {
    error.hint(fmt::format("this kernel has no {} ({})", kind->name, kind->kernel_option));
  }
  throw error;
}

// A table of delays that was there before stays unless another one takes its place.
void replace_tables(Qdisc& qdisc) {
  if (find_setting(qdisc.settings, "jitter") == nullptr) return;
  if (find_setting(qdisc.settings, "distribution") != nullptr) return;
  qdisc.settings.push_back({qdisc.kind->find("distribution"), std::string("uniform")});
}

// One message, whatever there was: a qdisc of the same kind is changed, another one replaced.
void put_words(OpenEnd& open, const LinkEnd& end, const Settings& words, bool has_root) {
  const std::string object = "impairments of " + end.name();
  auto qdisc = impairment_qdisc(words, open.state.mtu);
  if (!qdisc) {
    if (!has_root) return;
    return request(open, delete_qdisc(open.state.ifindex), "remove", object, nullptr);
  }
  qdisc->ifindex = open.state.ifindex;
  if (std::string_view(qdisc->kind->name) == "netem") replace_tables(*qdisc);
  request(open, new_qdisc(*qdisc), "set", object, qdisc->kind);
}

void put_qdiscs(OpenEnd& open, const LinkEnd& end, bool has_root) {
  if (open.recorded.filters != 0 && !has_root) {
    throw Error(0, "reset", end.name())
        .reason("its qdisc is gone, and its filters with it")
        .hint("take the lab down and up");
  }
  for (const auto& recorded : open.recorded.qdiscs) {
    const Qdisc qdisc = recorded_qdisc(recorded, open.state.ifindex);
    if (qdisc.kind == nullptr) continue;
    request(open, new_qdisc(qdisc), "set", fmt::format("qdisc of {}", end.name()), qdisc.kind);
  }
}

// Down, the kernel forgets routes and IPv6 addresses: they go into the record, and back.
void set_up(OpenEnd& open, const LinkEnd& end, bool up, RecordedInterface& recorded) {
  if (!up && open.state.up) recorded.memory = save_link_memory(open.socket, open.state.ifindex);
  LinkChange change;
  change.ifindex = open.state.ifindex;
  change.up = up;
  request(open, change_link(change), up ? "set up" : "set down", end.name(), nullptr);
  if (!up) return;
  const std::vector<Ack> refused = restore_link_memory(open.socket, recorded.memory);
  recorded.memory.clear();
  if (!refused.empty()) throw_refused(refused.front(), "restore", "routes through " + end.name());
}

}  // namespace

OpenEnd open_end(const LabRecord& record, const LinkEnd& end) {
  OpenEnd out{socket_in(open_namespace(end.netns).get()), {}, recorded_interface(record, end)};
  const auto state = observe_link(out.socket, end.interface);
  if (!state) {
    throw Error(ENODEV, "find", "link " + end.name())
        .reason("it is gone")
        .hint("'netyard status' shows what is there");
  }
  out.state = *state;
  return out;
}

std::vector<LinkEnd> find_ends(const std::string& lab, const std::string& end, bool both) {
  const LabRecord record = require_record(lab);
  const auto found = end_named(record, end);
  if (!found) {
    std::vector<std::string> names;
    for (const auto& candidate : all_ends(lab)) names.push_back(candidate.name());
    const std::string hint = did_you_mean(end, names);
    throw Error(0, "find", "link " + end + " in lab " + lab)
        .reason("the lab has no such link")
        .hint(hint.empty() ? "'netyard link show' lists them" : hint);
  }
  std::vector<LinkEnd> out = {*found};
  if (!both) return out;
  const std::string& peer = recorded_interface(record, *found).peer;
  const auto other = end_named(record, peer);
  if (!other) {
    throw Error(0, "find", "the other end of " + end)
        .reason(peer.empty() ? "it has none" : peer + " is not in a node of the lab")
        .hint("leave --both out");
  }
  out.push_back(*other);
  return out;
}

std::vector<LinkEnd> all_ends(const std::string& lab) {
  std::vector<LinkEnd> out;
  for (const auto& node : require_record(lab).nodes) {
    for (const auto& interface : node.interfaces) {
      if (interface.name != "lo") out.push_back({node.name, interface.name, node.netns});
    }
  }
  return out;
}

void set_link_state(const std::string& lab, const LinkEnd& end, bool up) {
  const LabLock lock(lab);
  LabRecord record = require_record(lab);
  OpenEnd open = open_end(record, end);
  RecordedInterface& recorded = recorded_interface(record, end);
  set_up(open, end, up, recorded);
  recorded.touched = time(nullptr);
  save_record(record);
}

std::size_t raise_links(LabRecord& record) {
  std::size_t raised = 0;
  for (auto& node : record.nodes) {
    for (auto& interface : node.interfaces) {
      if (interface.memory.empty() || !interface.up) continue;
      try {
        OpenEnd open = open_end(record, {node.name, interface.name, node.netns});
        set_up(open, {node.name, interface.name, node.netns}, true, interface);
        ++raised;
      } catch (const Error& error) {
        log::debug(error.what());  // what is not there any more is made anew
      }
    }
  }
  return raised;
}

Settings parse_words(const std::vector<std::string>& list) {
  Settings out;
  std::vector<std::string> known;
  for (const auto& field : impairment_fields()) known.emplace_back(field.key);
  for (const auto& text : list) {
    const std::size_t equals = text.find('=');
    const std::string key = text.substr(0, equals);
    const Field* field = find_field(impairment_fields(), key);
    Error error(0, "set", text);
    if (equals == std::string::npos) throw error.reason("expected KEY=VALUE");
    if (field == nullptr) {
      throw error.reason(fmt::format("unknown key '{}'", key)).hint(did_you_mean(key, known));
    }
    FieldSetting setting{field, {}};
    std::string problem;
    const std::string value = text.substr(equals + 1);
    if (!parse_impairment(*field, value, setting.value, problem)) {
      throw error.reason(fmt::format("'{}' is not right for {}: expected {}", value, key, problem))
          .hint(field->help);
    }
    std::erase_if(out, [&](const FieldSetting& old) { return old.field == field; });
    out.push_back(std::move(setting));
  }
  return out;
}

LinkResult set_impairments(const std::string& lab, const LinkEnd& end, const Settings& words) {
  const LabLock lock(lab);
  LabRecord record = require_record(lab);
  OpenEnd open = open_end(record, end);
  const TrafficView traffic(open.socket);
  auto now = words_now(open.recorded, open.state, traffic);
  if (open.recorded.is_by_qdisc() || !now) {
    throw Error(0, "set", "impairments of " + end.name())
        .reason(open.recorded.is_by_qdisc()
                    ? "the file gives it a qdisc in the kernel's words"
                    : "it has the qdisc " + traffic.root(open.state.ifindex)->name)
        .hint("tc(8) changes it: netyard exec " + end.node + " tc qdisc …");
  }
  for (const auto& word : words) overlay_words(*now, word);
  LinkResult result{end, word_list(*now), {}};
  for (const auto& problem : check_impairments(*now, open.state.mtu)) {
    if (!problem.warning) {
      throw Error(EINVAL, "set", "impairments of " + end.name())
          .reason(problem.message)
          .hint(problem.hint);
    }
    result.warnings.push_back(problem.message);
  }
  put_words(open, end, *now, traffic.root(open.state.ifindex) != nullptr);
  RecordedInterface& recorded = recorded_interface(record, end);
  recorded.changed = true;
  recorded.touched = time(nullptr);
  recorded.now_words = result.words;
  save_record(record);
  return result;
}

LinkResult reset_link(const std::string& lab, const LinkEnd& end) {
  const LabLock lock(lab);
  LabRecord record = require_record(lab);
  OpenEnd open = open_end(record, end);
  if (open.state.up != open.recorded.up) {
    set_up(open, end, open.recorded.up, recorded_interface(record, end));
  }
  const TrafficView traffic(open.socket);
  const bool has_root = traffic.root(open.state.ifindex) != nullptr;
  if (!find_differences(open.recorded, open.state, traffic).empty() || open.recorded.changed) {
    if (open.recorded.is_by_qdisc()) {
      put_qdiscs(open, end, has_root);
    } else {
      put_words(open, end, words_from(open.recorded.words), has_root);
    }
  }
  RecordedInterface& recorded = recorded_interface(record, end);
  recorded.changed = false;
  recorded.touched = 0;
  recorded.now_words.clear();
  save_record(record);
  return {end, recorded.words, {}};
}

}  // namespace netyard
