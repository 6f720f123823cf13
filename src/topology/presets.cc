// SPDX-License-Identifier: Apache-2.0
#include "topology/presets.h"

#include <sstream>
#include <string>

#include "topology/impairments.h"

namespace netyard {
namespace {

constexpr const char* kWebPageTest =
    "WebPageTest, connectivity.ini; half the round-trip time each way";
constexpr const char* kLinkConditioner = "Apple, Network Link Conditioner";

constexpr Preset kPresets[] = {
    {"dial-up", "telephone modem", "delay=60ms rate=30kbit", "delay=60ms rate=49kbit",
     kWebPageTest},
    {"edge", "2.5G mobile", "delay=420ms rate=200kbit", "delay=420ms rate=240kbit", kWebPageTest},
    {"3g", "mobile", "delay=150ms rate=768kbit", "delay=150ms rate=1.6mbit", kWebPageTest},
    {"3g-slow", "mobile with a weak signal", "delay=200ms rate=400kbit", "delay=200ms rate=400kbit",
     kWebPageTest},
    {"4g", "mobile", "delay=85ms rate=9mbit", "delay=85ms rate=9mbit", kWebPageTest},
    {"lte", "mobile", "delay=35ms rate=12mbit", "delay=35ms rate=12mbit", kWebPageTest},
    {"5g", "what IMT-2020 asks of a dense city", "delay=4ms rate=50mbit", "delay=4ms rate=100mbit",
     "ITU-R M.2410-0: user experienced data rate, user plane latency of eMBB"},
    {"dsl", "ADSL", "delay=25ms rate=384kbit", "delay=25ms rate=1.5mbit", kWebPageTest},
    {"cable", "cable modem", "delay=14ms rate=1mbit", "delay=14ms rate=5mbit", kWebPageTest},
    {"fibre", "fibre to the home", "delay=2ms rate=5mbit", "delay=2ms rate=20mbit", kWebPageTest},
    {"wifi", "wireless LAN", "delay=1ms rate=33mbit", "delay=1ms rate=40mbit", kLinkConditioner},
    {"lossy-wifi", "wireless LAN at the edge of its range: bursts of loss, 1% in all",
     "delay=1ms loss.gemodel.p=0.25% loss.gemodel.r=25% rate=33mbit",
     "delay=1ms loss.gemodel.p=0.25% loss.gemodel.r=25% rate=40mbit",
     "rates and delay as wifi; the loss is an assumption of ours"},
    {"geo", "geostationary satellite", "delay=300ms rate=3mbit", "delay=300ms rate=25mbit",
     "FCC, Measuring Broadband America: satellite, 25/3 Mbit/s, round trip about 600 ms"},
    {"satellite", "another word for geo", "delay=300ms rate=3mbit", "delay=300ms rate=25mbit",
     "as geo"},
    {"leo", "low orbit satellite", "delay=20ms jitter=5ms distribution=normal rate=10mbit",
     "delay=20ms jitter=5ms distribution=normal rate=100mbit",
     "Starlink, specifications: latency 25 to 60 ms; the rates are of its standard plan, rounded"},
};

}  // namespace

std::span<const Preset> presets() {
  return kPresets;
}

const Preset* find_preset(std::string_view name) {
  for (const auto& preset : kPresets) {
    if (name == preset.name) return &preset;
  }
  return nullptr;
}

Settings preset_words(const Preset& preset, bool up) {
  Settings out;
  std::istringstream words(up ? preset.up : preset.down);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    const Field* field = find_field(impairment_fields(), word.substr(0, equals));
    FieldSetting setting{field, {}};
    std::string problem;
    parse_field(*field, word.substr(equals + 1), setting.value, problem);
    out.push_back(std::move(setting));
  }
  return out;
}

}  // namespace netyard
