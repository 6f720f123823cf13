// SPDX-License-Identifier: Apache-2.0
#include "topology/write_yaml.h"

#include <yaml.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace netyard {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kWidth = 100;

// YAML 1.1 knows more of these than 1.2: yes, 12:34:56, 0x1f, 1_000.
bool looks_like_another(const std::string& text) {
  static constexpr const char* kWords[] = {"true", "false", "yes", "no", "on",
                                           "off",  "null",  "~",   "y",  "n"};
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords)) return true;
  if (text.empty()) return true;
  // An IPv4 address is none: it has three points.
  const bool number = text.find_first_of("0123456789") != std::string::npos &&
                      std::string_view("0123456789.+-").find(text[0]) != std::string_view::npos &&
                      text.find_first_not_of("0123456789.:+-_xXabcdefABCDEFo") == std::string::npos;
  return number && std::count(text.begin(), text.end(), '.') < 2;
}

bool is_flat(const Json& value) {
  return std::none_of(value.begin(), value.end(), [](const Json& one) {
    return one.is_structured() ||
           (one.is_string() && one.get<std::string>().find('\n') != std::string::npos);
  });
}

/// libyaml's emitter, into a string.
class Emitter {
 public:
  Emitter() {
    yaml_emitter_initialize(&emitter_);
    yaml_emitter_set_output(&emitter_, append, &text_);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_emitter_set_width(&emitter_, kWidth);
  }
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;
  ~Emitter() { yaml_emitter_delete(&emitter_); }

  std::string document(const Json& value) {
    yaml_event_t event;
    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    emit(event);
    yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1);
    emit(event);
    put(value, false);
    yaml_document_end_event_initialize(&event, 1);
    emit(event);
    yaml_stream_end_event_initialize(&event);
    emit(event);
    return std::move(text_);
  }

 private:
  static int append(void* text, unsigned char* bytes, std::size_t count) {
    static_cast<std::string*>(text)->append(reinterpret_cast<char*>(bytes), count);
    return 1;
  }

  void emit(yaml_event_t& event) {
    if (yaml_emitter_emit(&emitter_, &event) != 0) return;
    throw Error(0, "write", "YAML").reason(emitter_.problem != nullptr ? emitter_.problem : "?");
  }

  void put(const Json& value, bool flow) {
    if (!value.is_structured()) return put_scalar(value, flow);
    flow = flow || is_flat(value);
    yaml_event_t event;
    if (value.is_array()) {
      yaml_sequence_start_event_initialize(
          &event, nullptr, nullptr, 1, flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE);
      emit(event);
      for (const auto& item : value) put(item, flow);
      yaml_sequence_end_event_initialize(&event);
    } else {
      yaml_mapping_start_event_initialize(
          &event, nullptr, nullptr, 1, flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE);
      emit(event);
      for (const auto& [key, item] : value.items()) {
        put_scalar(key, flow);
        put(item, flow);
      }
      yaml_mapping_end_event_initialize(&event);
    }
    emit(event);
  }

  // In flow a plain "a:b" ends at the colon for libyaml's own reader of 1.1.
  static yaml_scalar_style_t style_of(const std::string& text, bool flow) {
    if (text.find('\n') != std::string::npos) return YAML_LITERAL_SCALAR_STYLE;
    if (looks_like_another(text) || (flow && text.find(':') != std::string::npos)) {
      return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    }
    return YAML_ANY_SCALAR_STYLE;
  }

  void put_scalar(const Json& value, bool flow) {
    const bool is_text = value.is_string();
    std::string text = is_text ? value.get<std::string>() : value.dump();
    yaml_event_t event;
    yaml_scalar_event_initialize(&event, nullptr, nullptr,
                                 reinterpret_cast<yaml_char_t*>(text.data()),
                                 static_cast<int>(text.size()), 1, 1,
                                 is_text ? style_of(text, flow) : YAML_PLAIN_SCALAR_STYLE);
    emit(event);
  }

  yaml_emitter_t emitter_{};
  std::string text_;
};

}  // namespace

std::string write_yaml(const nlohmann::ordered_json& value) {
  return Emitter().document(value);
}

}  // namespace netyard
