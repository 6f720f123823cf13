// SPDX-License-Identifier: Apache-2.0
#include "topology/tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace netyard {
namespace {

Tree::Pointer parse(const std::string& text, Diagnostics& diagnostics) {
  return parse_tree(std::make_shared<SourceFile>("f", text), diagnostics);
}

std::string complaint(const std::string& text) {
  Diagnostics diagnostics;
  parse(text, diagnostics);
  if (diagnostics.items().empty()) return "none";
  const Diagnostic& first = diagnostics.items().front();
  return first.at.to_string() + ": " + first.message;
}

TEST(Tree, EveryValueKnowsItsPlace) {
  Diagnostics diagnostics;
  const auto tree = parse("a: 1\nb:\n  - x\n  - {c: 'é', d: ~}\n", diagnostics);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("a")->at.to_string(), "f:1:4");
  const Tree& mapping = *tree->find("b")->items[1];
  EXPECT_EQ(mapping.at.to_string(), "f:4:5");
  EXPECT_EQ(mapping.find("d")->at.to_string(), "f:4:17") << "columns are characters";
  EXPECT_TRUE(mapping.find("d")->is_null());
  EXPECT_FALSE(mapping.find("c")->is_null());
}

TEST(Tree, AliasesAndMergeKeys) {
  Diagnostics diagnostics;
  const auto tree =
      parse("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: {<<: [*x, {c: 4}]}\n", diagnostics);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("y")->find("a")->text, "1");
  EXPECT_EQ(tree->find("y")->find("b")->text, "3");
  EXPECT_EQ(tree->find("z")->find("c")->text, "4");
}

TEST(Tree, SaysWhatIsNotYaml) {
  EXPECT_EQ(complaint(""), "f:1:1: the file is empty");
  EXPECT_EQ(complaint("# nothing\n"), "f:1:1: the file is empty");
  EXPECT_EQ(complaint("a: [1, 2\nb: 3\n"),
            "f:2:2: not YAML: while parsing a flow sequence did not find expected ',' or ']'");
  EXPECT_EQ(complaint("a: 1\n---\nb: 1\n"), "f:2:1: a second document begins here");
  EXPECT_EQ(complaint("a: 1\na: 2\n"), "f:2:1: 'a' is here twice; first in line 1");
  EXPECT_EQ(complaint("a: *b\n"), "f:1:4: nothing has the anchor &b");
  EXPECT_EQ(complaint("a: &a [*a]\n"), "f:1:8: *a is inside the value it stands for");
  EXPECT_EQ(complaint("a: !!python/object x\n"),
            "f:1:4: tags are not used in topology files: tag:yaml.org,2002:python/object");
  EXPECT_EQ(complaint("[a]: 1\n"), "f:1:1: a key is text, this is a list");
  EXPECT_EQ(complaint("a: \"x\\0y\"\n"), "f:1:4: the text holds a NUL byte");
  EXPECT_EQ(complaint(std::string("a: b\nc: \xff\n")),
            "f:2:4: the file is no text: invalid leading UTF-8 octet");
  EXPECT_EQ(complaint("a:\n\t- b\n"),
            "f:2:1: not YAML: while scanning for the next token found character that cannot start "
            "any token");
}

TEST(Tree, HostileInputIsRefusedEarly) {
  EXPECT_EQ(complaint(std::string(10 << 20, '[')), "f:1:66: values are nested more than 64 deep");
  std::string bomb = "a0: &a0 [x, x, x]\n";
  for (int i = 1; i < 40; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  EXPECT_NE(complaint(bomb).find("more than 1000000 values"), std::string::npos);
  std::string many = "a: [";
  for (int i = 0; i < 1'100'000; ++i) many += "x,";
  EXPECT_NE(complaint(many + "]\n").find("more than 1000000 values"), std::string::npos);
}

}  // namespace
}  // namespace netyard
