#include "image/dicom_characters.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

std::string utf8(std::string_view sets, std::string_view bytes) {
  return DicomCharacters(sets).to_utf8(bytes).value_or("(no text)");
}

// The names of PS3.5 annexes H, I and J, as the standard prints them.
TEST(DicomCharacters, TheStandardsExamples) {
  EXPECT_EQ(
      utf8("\\ISO 2022 IR 87", "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"),
      "Yamada^Tarou=山田^太郎=やまだ^たろう");
  EXPECT_EQ(
      utf8("ISO 2022 IR 13\\ISO 2022 IR 87",
          "\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J"),
      "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう");
  EXPECT_EQ(utf8("\\ISO 2022 IR 149",
                "Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"),
      "Hong^Gildong=洪^吉洞=홍^길동");
  EXPECT_EQ(utf8("GB18030", "Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab="), "Wang^XiaoDong=王^小东=");
  EXPECT_EQ(
      utf8("\\ISO 2022 IR 58", "Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab="), "Zhang^XiaoDong=张^小东=");
  EXPECT_EQ(utf8("ISO_IR 192", "Wang^XiaoDong=王^小東="), "Wang^XiaoDong=王^小東=");
}

TEST(DicomCharacters, JapaneseSetsInEveryOrder) {
  const std::string kanji = "\x1b$B;3ED\x1b(B";
  for (const char* sets : {"\\ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 87", "ISO 2022 IR 13\\ISO 2022 IR 87",
           "\\ISO 2022 IR 87\\ISO 2022 IR 159", "ISO 2022 IR 87"})
    EXPECT_EQ(utf8(sets, kanji), "山田") << sets;
  EXPECT_EQ(utf8("\\ISO 2022 IR 159", "\x1b$(D0!\x1b(B"), "丂");  // the first character of JIS X 0212
  EXPECT_EQ(utf8("\\ISO 2022 IR 159", "A\x1b$(D0!0\"\x1b(B B"), "A丂丄 B");
  EXPECT_EQ(utf8("\\ISO 2022 IR 87", "Yamada^Tarou"), "Yamada^Tarou");
  EXPECT_EQ(utf8("ISO_IR 13", "\xd4\xcf\xc0\xde~\\x"), "ﾔﾏﾀﾞ‾\\x");  // JIS X 0201: 7E is an overline
  EXPECT_EQ(utf8("\\ISO 2022 IR 87", "\x1b$B0^\x1b(B"), "緯");       // the byte of '^' as half of a character
}

TEST(DicomCharacters, SingleByteSets) {
  struct Case {
    const char *set, *bytes, *text;
  };
  for (const Case& c : {Case{"ISO_IR 100", "M\xfcller", "Müller"}, {"ISO_IR 101", "\xb1", "ą"},
           {"ISO_IR 109", "\xa1", "Ħ"}, {"ISO_IR 110", "\xa2", "ĸ"}, {"ISO_IR 144", "\xbb\xee\xda", "Люк"},
           {"ISO_IR 127", "\xe2", "ق"}, {"ISO_IR 126", "\xc4", "Δ"}, {"ISO_IR 138", "\xf9", "ש"},
           {"ISO_IR 148", "\xf0", "ğ"}, {"ISO_IR 203", "\xa4", "€"}, {"ISO_IR 166", "\xa1", "ก"}})
    EXPECT_EQ(utf8(c.set, c.bytes), c.text) << c.set;
  EXPECT_EQ(utf8("ISO_IR 100\\ISO 2022 IR 144", "M\xfcller=\x1b-L\xbb\xee\xda^\xfc"), "Müller=Люк^ü");  // reset at ^
}

TEST(DicomCharacters, MisspeltAndLoneSetsMeanWhatTheyCanOnlyMean) {
  for (const char* set : {"ISO IR 100", "ISO-IR 100", "ISO_IR_100", "iso_ir 100", "ISO_IR100", "ISO 2022 IR 100",
           "ISO_2022_IR_100", "ISO2022 IR 100", "ISO_2022_IR_6\\ISO 2022 IR 100", "ISO8859-1", " ISO_IR 100 "}) {
    const bool designated = std::string_view(set).find('\\') != std::string_view::npos;
    EXPECT_EQ(utf8(set, designated ? "\x1b-AM\xfcller" : "M\xfcller"), "Müller") << set;
  }
  for (const char* set : {"ISO IR 192", "ISO-IR-192", "UTF-8", "ISO_IR 192\\ISO 2022 IR 100", "ISO_IR 192\\", "utf8"})
    EXPECT_EQ(utf8(set, "Müller^Jörg"), "Müller^Jörg") << set;
}

TEST(DicomCharacters, WhatIsNoTextIsNotGuessed) {
  EXPECT_EQ(utf8("", "M\xfcller"), "(no text)");
  EXPECT_EQ(utf8("ISO_IR 6", "M\xfcller"), "(no text)");
  EXPECT_EQ(utf8("ISO_IR 192", "M\xfcller"), "(no text)");
  EXPECT_EQ(utf8("\\ISO 2022 IR 87", "\x1b$B;"), "(no text)");   // half a character
  EXPECT_EQ(utf8("\\ISO 2022 IR 87", "\x1b$Z;3"), "(no text)");  // no such escape sequence
  EXPECT_EQ(utf8("\\ISO 2022 IR 149", "\xfb"), "(no text)");
  EXPECT_EQ(utf8("ISO_IR 999", "M\xfcller"), "(no text)");
  EXPECT_EQ(utf8("ISO_IR 999", "Mueller"), "Mueller");  // ASCII is in every set
  EXPECT_EQ(DicomCharacters("ISO_IR 100\\ISO_IR 999").unknown_term(), "ISO_IR 999");
  EXPECT_EQ(DicomCharacters("LATIN").unknown_term(), "LATIN");
  EXPECT_EQ(DicomCharacters("\\ISO 2022 IR 87").unknown_term(), "");
}

}  // namespace
}  // namespace hilum
