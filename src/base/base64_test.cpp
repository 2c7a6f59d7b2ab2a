#include "base/base64.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    out += "0123456789abcdef"[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

TEST(Base64, TestVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode_strict(text, "here"), bytes);
    EXPECT_EQ(base64_decode_lenient(text, "here"), bytes);
  }
}

// Expected values: Python 3.11, binascii.a2b_base64.
TEST(Base64, LenientFormReadsWhatPythonReads) {
  const std::pair<const char*, const char*> cases[] = {{"QUJDRA==", "41424344"}, {"QUJD\nRA==\n", "41424344"},
      {"Q U J\tD", "414243"}, {"QQ", "error"}, {"QUI", "error"}, {"Q", "error"}, {"QUJDR", "error"},
      {"=QUJD", "414243"}, {"Q=UJD", "414243"}, {"QQ=", "error"}, {"QQ=x=", "410c"}, {"QQ==QUJD", "41"},
      {"QUI=QUJD", "4142"}, {"QU=I", "error"}, {"QU=JDQQ=", "error"}, {"QU=J=", "4142"}, {"QU=JD", "414243"},
      {"*&^", ""}, {"====", ""}, {"Q===", "error"}, {"QQ===", "41"}, {"/+/+", "ffeffe"}, {"-_-_", ""},
      {"QUJD\xc3\xa9RA==", "41424344"}, {"QR==", "41"}, {"QUJ=", "4142"}, {"QQ=\n=\n", "41"}};
  for (const auto& [text, expected] : cases) {
    std::string got;
    try {
      got = hex(base64_decode_lenient(text, "here"));
    } catch (const Error&) {
      got = "error";
    }
    EXPECT_EQ(got, expected) << text;
  }
}

TEST(Base64, StrictFormRefusesWhatIsNotItsAlphabet) {
  for (const char* text : {"QQ", "Q===", "QU*JDRA=", "QUI=QUJD", "Q-==", "=QUJ", "===="})
    EXPECT_THROW(base64_decode_strict(text, "here"), Error) << text;
  EXPECT_THAT(error_of([] { base64_decode_strict("QUI", "here"); }), testing::HasSubstr("padding is missing"));
}

TEST(Base64, StrictFormPassesOverLineBreaks) {
  for (const char* text : {"QUJDRA==\n", "QUJD\r\nRA==", "QU JD\tRA=\n="})
    EXPECT_EQ(base64_decode_strict(text, "here"), "ABCD") << text;
}

RC_GTEST_PROP(Base64, BothFormsUndoTheEncoding, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  std::string text = base64_encode(bytes);
  RC_ASSERT(base64_decode_strict(text, "here") == bytes);
  const auto every = *rc::gen::inRange<size_t>(1, 80);
  for (size_t i = every; i < text.size(); i += every + 1) text.insert(i, "\n");
  RC_ASSERT(base64_decode_lenient(text + "\n", "here") == bytes);
  RC_ASSERT(base64_decode_strict(text + "\n", "here") == bytes);
}

}  // namespace
}  // namespace hilum
