// The layout against files written from its description (testdata/fuzz/plane_file_fuzz), and what is not that.
#include "image/cache/plane_file.h"

#include <gmock/gmock.h>

#include "base/expect_error_for_test.h"
#include "base/file.h"

namespace hilum {
namespace {

using testing::HasSubstr;

std::string two() { return read_file(HILUM_TESTDATA "/fuzz/plane_file_fuzz/two"); }

PlaneIndex read(const std::string& bytes) {
  return read_plane_index(std::as_bytes(std::span(bytes.data(), bytes.size())), "x.planes");
}

TEST(PlaneFile, ReadsWhatItsDescriptionSays) {
  const std::string bytes = two();
  const PlaneIndex index = read(bytes);
  EXPECT_EQ(index.steps, "resize_exact 3x2 bicubic, channels 3");
  EXPECT_EQ(index.width, 3);
  EXPECT_EQ(index.height, 2);
  ASSERT_EQ(index.records.size(), 2u);
  const PlaneRecord &a = index.records.at("a.png"), &b = index.records.at("b/c.dcm");
  EXPECT_EQ(a.state, (FileState{1234, 1'700'000'000'123'456'789}));
  EXPECT_EQ(a.offset, 64u);
  EXPECT_EQ(a.channels, 1);
  EXPECT_EQ(b.state, (FileState{99, -5}));
  EXPECT_EQ(b.offset, 70u);
  EXPECT_EQ(b.channels, 3);
  EXPECT_EQ(b.geometry, (Geometry{64, 48, -1.5, 2, 60, 40.25}));
  EXPECT_EQ(bytes[70 + 17], static_cast<char>(17 * 11));
  EXPECT_EQ(read(read_file(HILUM_TESTDATA "/fuzz/plane_file_fuzz/empty")).records.size(), 0u);
}

TEST(PlaneFile, WritesWhatItReads) {
  const std::string bytes = two();
  const PlaneIndex index = read(bytes);
  const std::string tail = plane_index_bytes(index);
  const uint64_t samples = 6 + 18;
  EXPECT_EQ(plane_header_bytes(index, 64 + samples, tail.size()) + bytes.substr(64, samples) + tail, bytes);
}

TEST(PlaneFile, EveryCutIsRefused) {
  const std::string bytes = two();
  for (size_t length = 0; length < bytes.size(); ++length) EXPECT_THROW(read(bytes.substr(0, length)), Error) << length;
  EXPECT_THROW(read(bytes + "x"), Error);
}

// Where each number lies, and what is said when it cannot be.
TEST(PlaneFile, NumbersThatDoNotFitAreNamed) {
  const auto changed = [](size_t at, char value) {
    std::string bytes = two();
    bytes[at] = value;
    return error_of([&] { read(bytes); });
  };
  const size_t first = 64 + 6 + 18 + 4 + 36;  // the first picture in the index
  EXPECT_THAT(changed(0, 'h'), HasSubstr("x.planes: is not a cache of pictures"));
  EXPECT_THAT(changed(8, 2), HasSubstr("is a cache of version 2, and this program reads version 1. Remove it"));
  EXPECT_THAT(changed(12, 0), HasSubstr("byte 12: the pictures' width is 0 px"));
  EXPECT_THAT(changed(12, 30), HasSubstr("a picture's samples are not before the index"));
  EXPECT_THAT(changed(24, 3), HasSubstr("wants 8 more bytes"));
  EXPECT_THAT(changed(24, 1), HasSubstr("more bytes than the index's pictures"));
  EXPECT_THAT(changed(39, '\x7f'), HasSubstr("the index is not the file's end"));
  EXPECT_THAT(changed(first + 16, 63), HasSubstr("a picture's samples are not before the index"));
  EXPECT_THAT(changed(first + 23, '\x80'), HasSubstr("a picture's samples are not before the index"));
  EXPECT_THAT(changed(first + 24, 2), HasSubstr("2 channels"));
  EXPECT_THAT(changed(first + 28, 0), HasSubstr("the width of an original is 0 px"));
  std::string nan = two();
  nan[first + 36 + 6] = '\xf8';
  nan[first + 36 + 7] = '\x7f';
  EXPECT_THAT(error_of([&] { read(nan); }), HasSubstr("a place in the original is not a number"));
}

}  // namespace
}  // namespace hilum
