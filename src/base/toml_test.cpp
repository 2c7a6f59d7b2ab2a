#include "base/toml.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

// Found by fuzzing: these failed an assert() of the library, or reached its __builtin_unreachable() (the sanitizer
// build sees that).
TEST(Toml, WhatTheLibraryTakesForImpossibleIsAnError) {
  for (const char* text :
      {"[%encoder]\n", "k\u0359y = 1\n", "a = \u00e9\n", "1=1=[\"\u0342\u0402+0+++++++++#+++", "a = [1, \u0110]\n"})
    EXPECT_THROW(parse_toml(text, "t"), Error) << text;
}

TEST(Toml, StringsAndCommentsHoldAnyCharacter) {
  const toml::table table =
      parse_toml("a = \"/home/jos\u00e9\" # \u0359\nb = '\u0110\\'\nc = \"\"\"\n\u4e00\"\"\"\n\"\u00fc\" = 1\n", "t");
  EXPECT_EQ(table["a"].value<std::string>(), "/home/jos\u00e9");
  EXPECT_EQ(table["b"].value<std::string>(), "\u0110\\");
  EXPECT_EQ(table["c"].value<std::string>(), "\u4e00");
  EXPECT_EQ(table["\u00fc"].value<int>(), 1);
}

TEST(Toml, AnErrorNamesTheFileAndTheLine) {
  const Error error = expect_error([&] { parse_toml("a = 1\nb = = 2\n", "recipe.toml"); });
  EXPECT_NE(std::string(error.what()).find("recipe.toml"), std::string::npos);
  EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace hilum
