#include "image/image_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "image/encode.h"

namespace hilum {
namespace {

using testing::HasSubstr;

class ImageSources : public testing::Test {
 protected:
  void SetUp() override {
    Image ramp{.width = 80, .height = 70};
    for (int i = 0; i < 80 * 70; ++i) ramp.data8.push_back(static_cast<uint8_t>(i));
    write_png(file_, ramp);
  }
  TempFolder folder_;
  fs::path file_ = folder_ / "film.png";
};

TEST_F(ImageSources, AFileAndItsBytesAreTheSameImage) {
  const std::string bytes = read_file(file_);
  const ImageSource file(file_), sent(std::as_bytes(std::span(bytes)), "frontal");
  EXPECT_EQ(file.decode().pixels.data8, sent.decode().pixels.data8);
  EXPECT_EQ(file.name(), file_.string());
  EXPECT_EQ(sent.name(), "frontal");
  EXPECT_TRUE(sent.path().empty());
  EXPECT_FALSE(file.is_dicom() || sent.is_dicom());
}

TEST_F(ImageSources, ErrorsSayTheNameAndTheLimitHolds) {
  const std::string bytes = read_file(file_);
  const auto view = std::as_bytes(std::span(bytes));
  EXPECT_THAT(error_of([&] { return ImageSource(view, "lateral", 100).decode().metadata.format; }),
      HasSubstr("lateral: is 80 x 70 pixels"));
  EXPECT_THAT(
      error_of([&] { return ImageSource(view.first(20), "prior").decode().metadata.format; }), HasSubstr("prior: "));
  EXPECT_THAT(
      error_of([&] { return ImageSource({}, "frontal").decode().metadata.format; }), HasSubstr("frontal: is empty"));
  EXPECT_THAT(error_of([&] { return ImageSource(fs::path("/nowhere/at/all.png")).decode().metadata.format; }),
      HasSubstr("/nowhere/at/all.png"));
}

TEST(ImageSourceTest, NoneIsEmptyAndSentBytesAreNot) {
  EXPECT_TRUE(ImageSource().empty());
  EXPECT_TRUE(ImageSource(fs::path()).empty());
  EXPECT_FALSE(ImageSource({}, "frontal").empty());
}

}  // namespace
}  // namespace hilum
