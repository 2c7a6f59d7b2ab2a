#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/temp_folder_for_test.h"
#include "base/version.h"

namespace hilum {
namespace {

TEST(Errors, SayWhereWhatAndHowToMend) {
  const Error e("model.safetensors", "has 3 bytes", "Perhaps an incomplete download?");
  EXPECT_STREQ(e.what(), "model.safetensors: has 3 bytes. Perhaps an incomplete download?");
  EXPECT_STREQ(e.within("folder").what(), "folder: model.safetensors: has 3 bytes. Perhaps an incomplete download?");
}

TEST(Errors, ACheckThatHoldsIsNotAskedForItsText) {
  int asked = 0;
  const auto what = [&] { return "has " + std::to_string(++asked) + " bytes"; };
  check(true, "model.safetensors", what);
  EXPECT_EQ(asked, 0);
  try {
    check(false, "model.safetensors", what, "Perhaps an incomplete download?");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "model.safetensors: has 1 bytes. Perhaps an incomplete download?");
  }
}

TEST(Json, RefusesDuplicateKeysAndDepthAndTails) {
  EXPECT_THROW(parse_json(R"({"a":1,"a":2})", "x"), Error);
  EXPECT_THROW(parse_json(std::string(200, '[') + std::string(200, ']'), "x"), Error);
  EXPECT_THROW(parse_json("{} {}", "x"), Error);
  EXPECT_THROW(parse_json("\"\xff\"", "x"), Error);
  EXPECT_EQ(parse_json(R"({"a":{"b":1},"b":{"b":2}})", "x")["b"]["b"], 2);
}

TEST(Files, AppearWholeOrNotAtAll) {
  const TempFolder folder;
  write_file(folder / "deep" / "a.txt", "hello");
  EXPECT_EQ(read_file(folder / "deep" / "a.txt"), "hello");
  EXPECT_FALSE(fs::exists(folder / "deep" / "a.txt.part"));
  EXPECT_THROW(read_file(folder / "deep" / "a.txt", 4), Error);
  EXPECT_THROW(read_file(folder / "deep"), Error);
  EXPECT_THROW(write_file("/proc/nowhere/a", "x"), Error);
  write_file(folder / "empty", "");
  EXPECT_THROW(MappedFile(folder / "empty"), Error);
}

// FIPS 180-2, appendix B.1
TEST(Files, Sha256OfTheStandardsExample) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Random, StreamsDifferAndRepeat) {
  Rng a(1, 2), b(1, 2), c(1, 3), d(2, 2);
  const uint64_t first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, c.next());
  EXPECT_NE(first, d.next());
}

TEST(Random, NormalHasItsMoments) {
  Rng rng(7);
  double sum = 0, squares = 0;
  constexpr int kCount = 200000;
  for (int i = 0; i < kCount; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);  // 4.5 standard errors
  EXPECT_NEAR(squares / kCount, 1, 0.015);
}

TEST(Version, IsTheOneOfTheBuild) {
  EXPECT_NE(read_file(HILUM_SOURCE_DIR "/CMakeLists.txt").find(std::string("project(hilum VERSION ") + kVersion + " "),
      std::string::npos);
}

}  // namespace
}  // namespace hilum
