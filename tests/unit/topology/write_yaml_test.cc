// SPDX-License-Identifier: Apache-2.0
#include "topology/write_yaml.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "topology/tree.h"

namespace netyard {
namespace {

using Json = nlohmann::ordered_json;

Json read(const Tree& tree) {
  if (tree.is_scalar()) return tree.text;
  Json out = tree.is_sequence() ? Json::array() : Json::object();
  for (const auto& item : tree.items) out.push_back(read(*item));
  for (const auto& [key, value] : tree.entries) out[key->text] = read(*value);
  return out;
}

Json there_and_back(const Json& value) {
  Diagnostics diagnostics;
  const auto tree =
      parse_tree(std::make_shared<SourceFile>("x.yaml", write_yaml(value)), diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << write_yaml(value);
  return tree ? read(*tree) : Json();
}

TEST(WriteYaml, EveryTextComesBack) {
  for (const char* text : {"a",
                           "",
                           "10",
                           "true",
                           "No",
                           "~",
                           "12:34:56",
                           "02:00:00:00:00:01",
                           "a:b",
                           "a: b",
                           "- x",
                           "#x",
                           "a #b",
                           "{x}",
                           "[",
                           "*a",
                           "&a",
                           "!t",
                           "%x",
                           "@x",
                           "`x",
                           "'",
                           "\"",
                           "\\",
                           " lead",
                           "trail ",
                           "two\nlines\n",
                           "  indented\nlines",
                           "tab\there",
                           "ünïcode",
                           "2001:db8::1/64",
                           "0x1f",
                           "1e3",
                           "x: [y, {z: 1}]",
                           "ends\n\n"}) {
    for (const Json& value : {Json{{"k", text}}, Json{{text, "v"}}, Json{{"l", {text, text}}},
                              Json{{"d", {{"e", {{"f", text}}}, {"g", text}}}}}) {
      EXPECT_EQ(there_and_back(value), value) << write_yaml(value);
    }
  }
}

TEST(WriteYaml, IsReadByPeople) {
  const Json value = {{"name", "x"},
                      {"nodes", {{"a", Json::object()}, {"b", {{"mtu", 1400}, {"up", false}}}}},
                      {"links", {{{"endpoints", {"a:eth0", "b"}}}}},
                      {"rules", "one\ntwo\n"}};
  EXPECT_EQ(write_yaml(value),
            "name: x\nnodes:\n  a: {}\n  b: {mtu: 1400, up: false}\nlinks:\n- endpoints: "
            "[\"a:eth0\", b]\nrules: |\n  one\n  two\n");
}

}  // namespace
}  // namespace netyard
