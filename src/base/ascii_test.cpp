#include "base/ascii.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hilum {
namespace {

using testing::ElementsAre;

TEST(Ascii, CaseChangesLettersAndNoOtherByte) {
  EXPECT_EQ(lower_ascii("T12 \xc3\x84pex@[`{"), "t12 \xc3\x84pex@[`{");
  EXPECT_EQ(upper_ascii("t12 \xc3\xa4pex@[`{"), "T12 \xc3\xa4PEX@[`{");
}

TEST(Ascii, KindsOfCharactersAreThoseOfTheCLocale) {
  for (int c = 0; c < 256; ++c) {
    EXPECT_EQ(is_ascii_digit(static_cast<char>(c)), std::isdigit(c) != 0) << c;
    EXPECT_EQ(is_ascii_letter(static_cast<char>(c)), std::isalpha(c) != 0) << c;
    EXPECT_EQ(is_ascii_alnum(static_cast<char>(c)), std::isalnum(c) != 0) << c;
    EXPECT_EQ(is_blank(std::string(1, static_cast<char>(c))), std::isspace(c) != 0) << c;
  }
}

TEST(Ascii, ANumberIsDigitsAndNotEmpty) {
  EXPECT_TRUE(is_ascii_number("007"));
  EXPECT_FALSE(is_ascii_number(""));
  EXPECT_FALSE(is_ascii_number("-7"));
}

TEST(Ascii, TrimmingTakesTheNamedBlanksFromBothEnds) {
  EXPECT_EQ(trim_ascii("\r\n a b\t\v\f"), "a b");
  EXPECT_EQ(trim_ascii(" \ta\n ", " \t"), "a\n");
  EXPECT_EQ(trim_ascii(" \n "), "");
  EXPECT_EQ(trim_ascii("\xc2\xa0x"), "\xc2\xa0x");  // a no-break space is no ASCII
  EXPECT_TRUE(is_blank(""));
  EXPECT_FALSE(is_blank(" \n", " "));
}

TEST(Ascii, SplittingGivesOnePartMoreThanSeparators) {
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
}

TEST(Ascii, LinesNeedNoEndAtTheLast) {
  EXPECT_THAT(split_lines(""), ElementsAre());
  EXPECT_THAT(split_lines("a\r\n\nb"), ElementsAre("a\r", "", "b"));
  EXPECT_THAT(split_lines("a\n"), ElementsAre("a"));
}

TEST(Ascii, ListsLeaveEmptyPartsOut) {
  EXPECT_THAT(split_list(" a , ,b c,", ','), ElementsAre("a", "b c"));
  EXPECT_THAT(split_list("a\n,b", ',', " "), ElementsAre("a\n", "b"));
}

}  // namespace
}  // namespace hilum
