// SPDX-License-Identifier: Apache-2.0
#include "topology/impairments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace netyard {
namespace {

constexpr std::uint64_t kAll = 1'000'000'000;       // 100 %
constexpr std::uint64_t kQueue = 100'000'000;       // ns
constexpr std::uint64_t kFastest = 10'000'000'000;  // bit/s, of a link without a rate
constexpr std::uint64_t kMeanPacket = 340;          // bytes: simple IMIX, 7 x 40, 4 x 576, 1 x 1500
constexpr std::uint64_t kLeastPackets = 64;
constexpr std::uint64_t kLeastUnlimited = 1000;  // the kernel's default
constexpr std::uint64_t kMostPackets = 4'000'000;
constexpr std::uint64_t kLeastWaiting = 4;  // packets
constexpr double kDeviations = 4;           // the longest tail of a table

constexpr Field kQueueField = {.key = "queue",
                               .attribute = 0,
                               .attribute_name = "",
                               .syntax = Syntax::duration,
                               .wire = Wire::structure,
                               .min = 1,
                               .max = 60'000'000'000,
                               .help = "how long packets may wait for the rate",
                               .fallback = "100ms"};
constexpr Field kBurstField = {.key = "burst",
                               .attribute = 0,
                               .attribute_name = "",
                               .syntax = Syntax::size,
                               .wire = Wire::structure,
                               .min = 1,
                               .help = "of a rate alone: bytes that may go at once",
                               .fallback = "rate x 4ms, at least 2 packets"};

std::vector<Field> all_fields() {
  const auto netem = find_qdisc_kind("netem")->fields;
  std::vector<Field> out(netem.begin(), netem.end());
  const auto rate = std::find_if(out.begin(), out.end(), [](const Field& field) {
    return std::string_view(field.key) == "rate";
  });
  out.insert(rate + 1, {kQueueField, kBurstField});
  return out;
}

bool has(const Settings& words, const char* key) {
  return find_setting(words, key) != nullptr;
}

std::uint64_t packets(double rate, double seconds, std::uint64_t size) {
  return static_cast<std::uint64_t>(std::ceil(rate * seconds / 8 / static_cast<double>(size)));
}

double longest_delay(const Settings& words) {
  const auto seconds = [&](const char* key) {
    return static_cast<double>(number_in(words, key)) / 1e9;
  };
  return seconds("delay") + kDeviations * seconds("jitter") +
         std::max(seconds("slot.min"), seconds("slot.max")) + seconds("slot.delay") +
         kDeviations * seconds("slot.jitter");
}

// What is on the way, and behind it what waits for the rate.
std::uint64_t packet_limit(const Settings& words, std::uint64_t mtu) {
  const double delay = longest_delay(words);
  const auto rate = static_cast<double>(number_in(words, "rate"));
  if (rate == 0) {
    const std::uint64_t flying = packets(static_cast<double>(kFastest), delay, frame_size(mtu));
    return std::clamp(flying, kLeastUnlimited, kMostPackets);
  }
  const double queue = static_cast<double>(number_in(words, "queue", kQueue)) / 1e9;
  const std::uint64_t flying = packets(rate, delay, kMeanPacket);
  const std::uint64_t waiting = packets(rate, queue, frame_size(mtu));
  return std::clamp(flying + waiting, kLeastPackets, kMostPackets);
}

std::uint64_t byte_limit(const Settings& words, std::uint64_t burst, std::uint64_t mtu) {
  const auto rate = static_cast<double>(number_in(words, "rate"));
  const double queue = static_cast<double>(number_in(words, "queue", kQueue)) / 1e9;
  const auto waiting = static_cast<std::uint64_t>(rate * queue / 8);
  return std::max(waiting, kLeastWaiting * frame_size(mtu)) + burst;
}

bool is_rate_word(const char* key) {
  const std::string_view word = key;
  return word == "rate" || word == "queue" || word == "burst";
}

bool is_rate_alone(const Settings& words) {
  return std::all_of(words.begin(), words.end(),
                     [](const auto& word) { return is_rate_word(word.field->key); });
}

void set(Settings& out, const QdiscKind& kind, const char* key, const FieldValue& value) {
  out.push_back({kind.find(key), value});
}

Qdisc token_bucket_of(const Settings& words, std::uint64_t mtu) {
  Qdisc out;
  out.kind = find_qdisc_kind("tbf");
  const std::uint64_t rate = number_in(words, "rate");
  const std::uint64_t burst = number_in(words, "burst", token_bucket(rate, mtu));
  set(out.settings, *out.kind, "rate", rate);
  set(out.settings, *out.kind, "burst", burst);
  set(out.settings, *out.kind, "limit", byte_limit(words, burst, mtu));
  return out;
}

struct Need {
  const char* key;
  const char* needs;  // one of them, with blanks between
};
constexpr Need kNeeds[] = {
    {"jitter", "delay"},
    {"delay_correlation", "jitter"},
    {"distribution", "jitter"},
    {"loss_correlation", "loss"},
    {"loss.gemodel.r", "loss.gemodel.p"},
    {"loss.gemodel.1-h", "loss.gemodel.p"},
    {"loss.gemodel.1-k", "loss.gemodel.p"},
    {"loss.state.p31", "loss.state.p13"},
    {"loss.state.p32", "loss.state.p13"},
    {"loss.state.p23", "loss.state.p13"},
    {"loss.state.p14", "loss.state.p13"},
    {"duplicate_correlation", "duplicate"},
    {"corrupt_correlation", "corrupt"},
    {"reorder", "delay"},
    {"reorder_correlation", "reorder"},
    {"gap", "reorder"},
    {"queue", "rate"},
    {"burst", "rate"},
    {"packet_overhead", "rate"},
    {"cell_size", "rate"},
    {"cell_overhead", "cell_size"},
    {"slot.max", "slot.min"},
    {"slot.distribution", "slot.jitter"},
    {"slot.jitter", "slot.delay"},
    {"slot.packets", "slot.min slot.delay"},
    {"slot.bytes", "slot.min slot.delay"},
    {"ecn", "loss loss.gemodel.p loss.state.p13"},
};

bool has_any(const Settings& words, std::string_view keys) {
  while (!keys.empty()) {
    const std::size_t end = std::min(keys.find(' '), keys.size());
    if (has(words, std::string(keys.substr(0, end)).c_str())) return true;
    keys.remove_prefix(std::min(end + 1, keys.size()));
  }
  return false;
}

// Two that exclude each other; the second is blamed.
struct Conflict {
  const char* one;
  const char* other;
  const char* why;
};
constexpr Conflict kConflicts[] = {
    {"loss", "loss.gemodel.p", "packets are lost by one model"},
    {"loss", "loss.state.p13", "packets are lost by one model"},
    {"loss.gemodel.p", "loss.state.p13", "packets are lost by one model"},
    {"slot.min", "slot.delay", "slots come between min and max, or by a distribution"},
};

struct Sum {
  const char* one;
  const char* other;
};
constexpr Sum kSums[] = {{"loss.state.p13", "loss.state.p14"},
                         {"loss.state.p31", "loss.state.p32"}};

// Of two values, the first must not be above the second.
struct WordOrder {
  const char* less;
  const char* more;
  bool warning;
  const char* hint;
};
constexpr WordOrder kWordOrders[] = {
    {"jitter", "delay", true, "delays below 0 become 0, so the mean is higher than the file says"},
    {"slot.min", "slot.max", false, ""}};

class ImpairmentChecker {
 public:
  ImpairmentChecker(const Settings& words, std::uint64_t mtu) : words_(words), mtu_(mtu) {}

  std::vector<WordProblem> run() {
    for (const auto& [key, needs] : kNeeds) check_need(key, needs);
    for (const auto& [one, other, why] : kConflicts) {
      if (has(words_, one) && has(words_, other)) {
        blame(other, fmt::format("'{}' and '{}' exclude each other: {}", one, other, why));
      }
    }
    for (const auto& [one, other] : kSums) {
      if (number_in(words_, one) + number_in(words_, other) <= kAll) continue;
      blame(other, fmt::format("'{}' and '{}' are more than 100% together", one, other));
    }
    for (const auto& order : kWordOrders) check_order(order);
    check_burst();
    return std::move(problems_);
  }

 private:
  void blame(const char* key, std::string message, std::string hint = {}, bool warning = false) {
    problems_.push_back({key, std::move(message), std::move(hint), warning});
  }

  void check_need(const char* key, std::string_view needs) {
    if (!has(words_, key) || has_any(words_, needs)) return;
    const std::string_view first = needs.substr(0, needs.find(' '));
    blame(key, fmt::format("'{}' without '{}' does nothing", key, first),
          fmt::format("add '{}', or take '{}' out", first, key));
  }

  void check_order(const WordOrder& order) {
    const FieldSetting* less = find_setting(words_, order.less);
    const FieldSetting* more = find_setting(words_, order.more);
    if (less == nullptr || more == nullptr ||
        std::get<std::uint64_t>(less->value) <= std::get<std::uint64_t>(more->value))
      return;
    blame(order.less,
          fmt::format("{} {} is above {} {}", order.less, format_field(*less->field, less->value),
                      order.more, format_field(*more->field, more->value)),
          order.hint, order.warning);
  }

  void check_burst() {
    if (!has(words_, "burst")) return;
    if (!is_rate_alone(words_)) {
      blame("burst", "'burst' is for a rate alone: with other impairments packets go one by one",
            "take 'burst' out");
    } else if (number_in(words_, "burst") < frame_size(mtu_)) {
      blame("burst",
            fmt::format("burst {} is smaller than a packet of {} bytes: none would get through",
                        number_in(words_, "burst"), frame_size(mtu_)),
            "it must hold the MTU and 14 bytes");
    }
  }

  const Settings& words_;
  std::uint64_t mtu_;
  std::vector<WordProblem> problems_;
};

// Words that were not said: what impairment_qdisc would put there by itself.
void forget(Settings& words, const char* key, std::uint64_t automatic) {
  std::erase_if(words, [&](const FieldSetting& word) {
    return std::string_view(word.field->key) == key &&
           same_setting(word, {word.field, FieldValue(automatic)});
  });
}

void take_from(const Settings& declared, const char* key, Settings& words) {
  const FieldSetting* found = find_setting(declared, key);
  if (found != nullptr) words.push_back(*found);
}

}  // namespace

std::span<const Field> impairment_fields() {
  static const std::vector<Field> kFields = all_fields();
  return kFields;
}

std::vector<WordProblem> check_impairments(const Settings& words, std::uint64_t mtu) {
  return ImpairmentChecker(words, mtu).run();
}

std::optional<Qdisc> impairment_qdisc(const Settings& words, std::uint64_t mtu) {
  if (words.empty()) return {};
  if (is_rate_alone(words)) return token_bucket_of(words, mtu);
  Qdisc out;
  out.kind = find_qdisc_kind("netem");
  for (const auto& word : words) {
    if (const Field* field = out.kind->find(word.field->key)) {
      out.settings.push_back({field, word.value});
    }
  }
  if (!has(words, "limit")) set(out.settings, *out.kind, "limit", packet_limit(words, mtu));
  return out;
}

std::optional<Settings> impairments_of(const Qdisc& qdisc, const Settings& declared,
                                       std::uint64_t mtu) {
  const std::string_view kind = qdisc.kind != nullptr ? qdisc.kind->name : "";
  if (kind != "netem" && kind != "tbf") return {};
  Settings words;
  for (const auto& setting : qdisc.settings) {
    const Field* field = find_field(impairment_fields(), setting.field->key);
    const bool said =
        field != nullptr && !(kind == "tbf" && std::string_view(field->key) == "limit");
    if (said) words.push_back({field, setting.value});
  }
  if (has(words, "rate")) take_from(declared, "queue", words);
  if (kind == "tbf") {
    forget(words, "burst", token_bucket(number_in(words, "rate"), mtu));
    return words;
  }
  if (has(words, "jitter")) take_from(declared, "distribution", words);
  if (has(words, "slot.jitter")) take_from(declared, "slot.distribution", words);
  forget(words, "gap", 1);
  forget(words, "limit", packet_limit(words, mtu));
  return words;
}

bool parse_impairment(const Field& field, std::string_view text, FieldValue& value,
                      std::string& problem) {
  const bool words = field.syntax == Syntax::text;
  if (text == "none" || (text == "0" && !words)) {
    value = words ? FieldValue(std::string()) : FieldValue(std::uint64_t{0});
    return text == "none" || field.min == 0 || field.syntax == Syntax::rate ||
           parse_field(field, text, value, problem);
  }
  return parse_field(field, text, value, problem);
}

bool is_none(const FieldValue& value) {
  return value == FieldValue(std::uint64_t{0}) || value == FieldValue(std::string());
}

void overlay_words(Settings& words, const FieldSetting& over) {
  std::erase_if(words, [&](const FieldSetting& word) { return word.field == over.field; });
  if (!is_none(over.value)) words.push_back(over);
}

std::string format_words(const Settings& words) {
  std::string out;
  for (const auto& word : words) {
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", word.field->key,
                       format_field(*word.field, word.value));
  }
  return out;
}

}  // namespace netyard
