#include "text/unicode.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "text/regex.h"

namespace hilum {
namespace {

// Unicode 15, table 3-8: maximal subparts are replaced one U+FFFD each.
TEST(Utf8, InvalidSequencesAreReplacedSubpartBySubpart) {
  EXPECT_EQ(to_valid_utf8("a\xF1\x80\x80\xE1\x80\xC2"
                          "b\x80"
                          "c\x80\xBF"
                          "d"),
      "a���b�c��d");
  EXPECT_EQ(to_valid_utf8("\xED\xA0\x80"), "���");  // a surrogate
  EXPECT_EQ(to_valid_utf8("\xC0\xAF"), "��");       // overlong
  EXPECT_EQ(to_valid_utf8("\xF4\x90\x80\x80"), "����");
  EXPECT_EQ(to_valid_utf8("plain é 漢 🙂"), "plain é 漢 🙂");
}

TEST(Utf8, IncompleteMeansMoreBytesCouldMendIt) {
  EXPECT_TRUE(is_incomplete_utf8("\xE2"));
  EXPECT_TRUE(is_incomplete_utf8("\xF0\x9F\x99"));
  EXPECT_FALSE(is_incomplete_utf8("\xF0\x9F\x99\x82"));
  EXPECT_FALSE(is_incomplete_utf8("\xE2("));
  EXPECT_FALSE(is_incomplete_utf8("\xE0\x80"));
  EXPECT_FALSE(is_incomplete_utf8("\x80"));
  EXPECT_FALSE(is_incomplete_utf8(""));
}

TEST(Utf8, EveryCodePointComesBack) {
  for (char32_t value = 1; value <= 0x10FFFF; value += value < 0x3000 ? 1 : 0x101) {
    if (value >= 0xD800 && value < 0xE000) continue;
    std::string text;
    append_utf8(text, value);
    const CodePoint point = decode_utf8(text);
    ASSERT_TRUE(point.valid && point.value == value && point.length == static_cast<int>(text.size()))
        << static_cast<uint32_t>(value);
  }
}

TEST(Regex, FindsMatchesLeftToRightAndSkipsEmptyOnes) {
  const Regex regex("a*", "test");
  EXPECT_EQ(regex.find_all("baab"), (std::vector<TextRange>{{1, 3}}));
}

TEST(Regex, BlanksAreUnicodeWhiteSpace) {
  const Regex regex("\\s", "test");
  EXPECT_EQ(regex.find_all("\u180e"), std::vector<TextRange>{});  // no white space since Unicode 6.3
  EXPECT_EQ(regex.find_all("\u0085\u2003").size(), 2u);
}

TEST(Regex, TextCanStandForItself) {
  EXPECT_EQ(Regex(regex_escape("a.b\\s é"), "test").find_all("axb a.b\\s é").size(), 1u);
}

}  // namespace
}  // namespace hilum
