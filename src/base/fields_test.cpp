#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/expect_error_for_test.h"
#include "base/json_fields.h"
#include "base/toml_fields.h"

namespace hilum {
namespace {

using testing::ElementsAre;

TEST(JsonFields, NullCountsAsAbsent) {
  const Json json = parse_json(R"({"a":null,"b":7,"c":[1,2],"d":{"e":"x"}})", "t");
  const JsonFields in(json, "t");
  EXPECT_FALSE(in.has("a"));
  EXPECT_EQ(in.integer("a", 3), 3);
  EXPECT_EQ(in.whole("b"), 7);
  EXPECT_THAT(in.integers("b"), ElementsAre(7));
  EXPECT_THAT(in.integers("c"), ElementsAre(1, 2));
  EXPECT_TRUE(in.texts("a").empty());
  EXPECT_EQ(in.part("d").text("e"), "x");
  EXPECT_EQ(in.part("none").text("e", "y"), "y");
}

TEST(JsonFields, ErrorsNameThePlaceInTheWordsOfTheirKind) {
  const Json json = parse_json(R"({"a":-1,"b":18446744073709551615,"c":[1]})", "t");
  const JsonFields place(json, "t.json: model"), seen(json, "t.json", JsonWords::kSeen);
  EXPECT_EQ(error_of([&] { place.member("z"); }), "t.json: model: has no \"z\".");
  EXPECT_EQ(error_of([&] { place.text("a"); }), "t.json: model: a: is not a string.");
  EXPECT_EQ(error_of([&] { place.flag("a", true); }), "t.json: model: a: is neither true nor false.");
  EXPECT_EQ(error_of([&] { place.whole("b"); }), "t.json: model: b: is not a whole number.");
  EXPECT_EQ(error_of([&] { seen.text("a", ""); }), "t.json: \"a\" is -1, wanted a text.");
  EXPECT_EQ(error_of([&] { seen.integer("a", 0); }), "t.json: \"a\" is -1, wanted a number that is not negative.");
  EXPECT_EQ(error_of([&] { seen.integer("a", -1, 0); }), "t.json: \"a\" is -1, wanted at most 0.");
  EXPECT_EQ(error_of([&] { seen.part("c"); }), "t.json: c: is not a JSON object.");
  EXPECT_EQ(error_of([&] { JsonFields(json["c"], "t"); }), "t: is not a JSON object.");
}

TEST(TomlFields, AKeyThatNoOneAskedForIsNamed) {
  const toml::table table = parse_toml("a = \"x\"\nb = 2\n[c]\nd = [1.5, 2]\n", "t");
  TomlFields in(table, "t.toml");
  EXPECT_EQ(in.text("a"), "x");
  EXPECT_EQ(error_of([&] { in.done(); }), "t.toml: key \"b\" is not known.");
  EXPECT_EQ(in.integer("b"), 2);
  EXPECT_THAT(in.part("c").reals("d"), ElementsAre(1.5, 2));
  EXPECT_THAT(in.reals("c.d"), ElementsAre(1.5, 2));
  EXPECT_EQ(error_of([&] { in.done(); }), "no error");
}

TEST(TomlFields, ErrorsNameTheKey) {
  const toml::table table = parse_toml("a = \"x\"\nb = -2\n", "t");
  TomlFields in(table, "t.toml");
  EXPECT_EQ(error_of([&] { in.text("z", true); }), "t.toml: \"z\" is missing.");
  EXPECT_EQ(error_of([&] { in.text("b"); }), "t.toml: \"b\" is not a text.");
  EXPECT_EQ(error_of([&] { in.integer("b"); }), "t.toml: \"b\" is -2.");
  EXPECT_EQ(error_of([&] { in.one_of("a", {"y", "z"}); }), "t.toml: \"a\" is \"x\". Known are y, z.");
  EXPECT_EQ(error_of([&] { in.tables("a"); }), "t.toml: \"a\" is not a list.");
}

}  // namespace
}  // namespace hilum
