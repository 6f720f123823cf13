// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/link_view.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/render.h"
#include "engine/recorded_traffic.h"
#include "topology/impairments.h"

namespace netyard::cli {
namespace {

std::string state_of(const LinkView& link) {
  if (!link.state.up) return "down";
  return link.state.operstate == OperState::unknown ? "up" : to_string(link.state.operstate);
}

nlohmann::json settings_to_json(const Settings& settings) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& setting : settings) {
    out[setting.field->key] = format_field(*setting.field, setting.value);
  }
  return out;
}

nlohmann::json qdisc_to_json(const QdiscState& state) {
  const QdiscCounters& counters = state.counters;
  return {{"kind", state.name},
          {"class", state.qdisc.is_class},
          {"handle", format_handle(state.qdisc.handle)},
          {"parent", format_handle(state.qdisc.parent)},
          {"settings", settings_to_json(state.qdisc.settings)},
          {"bytes", counters.bytes},
          {"packets", counters.packets},
          {"dropped", counters.dropped},
          {"overlimits", counters.overlimits},
          {"requeues", counters.requeues},
          {"backlog_bytes", counters.backlog_bytes},
          {"backlog_packets", counters.backlog_packets}};
}

nlohmann::json link_to_json(const LinkView& link) {
  nlohmann::json qdiscs = nlohmann::json::array();
  for (const auto& state : link.qdiscs) qdiscs.push_back(qdisc_to_json(state));
  nlohmann::json drift = nlohmann::json::array();
  for (const auto& one : link.differences) {
    drift.push_back({{"what", one.what}, {"file", one.file}, {"now", one.now}});
  }
  const LinkCounters& counters = link.counters;
  return {{"link", link.end.name()},
          {"peer", link.peer},
          {"state", state_of(link)},
          {"impairments", link.words ? settings_to_json(*link.words) : nlohmann::json()},
          {"rx",
           {{"bytes", counters.rx_bytes},
            {"packets", counters.rx_packets},
            {"dropped", counters.rx_dropped},
            {"errors", counters.rx_errors}}},
          {"tx",
           {{"bytes", counters.tx_bytes},
            {"packets", counters.tx_packets},
            {"dropped", counters.tx_dropped},
            {"errors", counters.tx_errors}}},
          {"qdiscs", std::move(qdiscs)},
          {"drift", std::move(drift)}};
}

std::string traffic_of(const LinkView& link) {
  if (link.words) return format_words(*link.words);
  return link.qdiscs.empty() ? "" : link.qdiscs.front().name;
}

void add_row(const LinkView& link, Table& table) {
  QdiscCounters sum;
  for (const auto& state : link.qdiscs) {
    if (state.qdisc.parent != kRootParent) continue;
    sum = state.counters;
  }
  const LinkCounters& counters = link.counters;
  const bool shaped = !link.qdiscs.empty();
  const auto number = [&](std::uint64_t value) {
    return shaped ? std::to_string(value) : std::string("-");
  };
  table.add({link.end.name(), state_of(link), link.peer.empty() ? "-" : link.peer,
             std::to_string(counters.tx_packets), std::to_string(counters.rx_packets),
             number(sum.dropped), number(sum.overlimits), number(sum.backlog_packets),
             traffic_of(link) + (link.differences.empty() ? "" : " (not as in the file)")});
}

}  // namespace

void add_peer(const std::string& lab, std::vector<LinkEnd>& ends) {
  const auto views = look_at_ends(lab, ends);
  if (views.empty()) return;
  for (auto& candidate : all_ends(lab)) {
    if (candidate.name() == views.front().peer) ends.push_back(std::move(candidate));
  }
}

void print_links(const std::string& lab, const std::vector<LinkView>& links, bool json) {
  if (json) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& link : links) list.push_back(link_to_json(link));
    return print_json({{"lab", lab}, {"links", std::move(list)}});
  }
  Table table({"LINK", "STATE", "PEER", "SENT", "RECEIVED", "DROPPED", "OVERLIMITS", "BACKLOG",
               "IMPAIRMENTS"});
  for (const auto& link : links) add_row(link, table);
  std::fputs(table.render(terminal_width()).c_str(), stdout);
}

}  // namespace netyard::cli
