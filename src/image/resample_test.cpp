#include "image/resample.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace hilum {
namespace {

// The pictures of scripts/golden/image_pillow.py.
Image pattern(int width, int height, int channels) {
  Image image;
  image.width = width;
  image.height = height;
  image.channels = channels;
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      for (int64_t c = 0; c < channels; ++c)
        image.data8.push_back(static_cast<uint8_t>(((x * x * 3 + y * y * 5 + x * y * (c + 1) + 37 * c) >> 3) & 255));
  return image;
}

std::string resampled_sha(const Image& image) {
  return sha256_hex({reinterpret_cast<const char*>(image.data8.data()), image.data8.size()});
}

TEST(Resample, EveryFilterIsBitEqualToPillow) {
  const auto golden = nlohmann::json::parse(read_file(HILUM_TESTDATA "/image/pillow.json"));
  ASSERT_GT(golden["resized"].size(), 90u);
  for (const auto& row : golden["resized"]) {
    const Image picture = pattern(row["width"], row["height"], row["channels"]);
    const Image out =
        resize(picture, row["to_width"].get<int>(), row["to_height"].get<int>(), resample_from_name(row["filter"]));
    EXPECT_EQ(resampled_sha(out), row["sha256"].get<std::string>()) << row.dump();
  }
}

// CXR-LLaVA's vectors: shorter side to 512, Lanczos, centre crop.
TEST(Resample, LanczosGivesTheVectorsOfTheOneChannelModel) {
  struct Row {
    int width, height, to_width, to_height;
    const char* sha256;
  };
  const Row rows[] = {{700, 900, 512, 658, "994268c350af74d61a7d5f3becad1b4832e30d550d65186fe826d4042dbfc383"},
      {1000, 640, 800, 512, "35820a61b8d759dbdb536d7210f36cbebf36c32f249009c1836e62946bd17a77"},
      {300, 300, 512, 512, "b87efafe317ed15390c747c2b65086816b7a36e5aeca4d4ce231a25dc50264bf"},
      {1024, 1024, 512, 512, "ae0ecb440fc8ed3e8c5129895f5ac138b2e60f38d3ccee9dc7259c61eea1eb3e"},
      {512, 512, 512, 512, "586e530f350df1f1effddfc8a5c8708f75fd5f967af8fe75995bc38c83bd919b"},
      {2544, 3056, 512, 615, "a6ed4a653e9d0929e24848478b04e8c47382263e82b27167c0df37b1ba92a2ad"}};
  for (const Row& row : rows) {
    Image image;
    image.width = row.width;
    image.height = row.height;
    for (int y = 0; y < row.height; ++y)
      for (int x = 0; x < row.width; ++x)
        image.data8.push_back(static_cast<uint8_t>((7 * x + 13 * y + ((x * y) >> 5)) & 255));
    const ResizeWindow window{(row.to_width - 512) / 2, (row.to_height - 512) / 2, 512, 512};
    EXPECT_EQ(resampled_sha(resize(image, row.to_width, row.to_height, Resample::kLanczos, window)), row.sha256)
        << row.width;
  }
}

TEST(Resample, AWindowEqualsThatPartOfTheWhole) {
  const Image picture = pattern(301, 207, 3);
  const Image whole = resize(picture, 190, 333, Resample::kBicubic);
  const ResizeWindow window{17, 120, 101, 90};
  const Image part = resize(picture, 190, 333, Resample::kBicubic, window);
  for (int y = 0; y < window.height; ++y)
    for (int x = 0; x < window.width * 3; ++x)
      ASSERT_EQ(part.data8[static_cast<size_t>(y * window.width * 3 + x)],
          whole.data8[static_cast<size_t>((y + 120) * 190 * 3 + 17 * 3 + x)]);
}

TEST(Resample, UnknownFiltersAreRefused) {
  EXPECT_THROW(resample_from_name("hamming"), Error);
  EXPECT_THROW(resample_from_pillow(5), Error);
  EXPECT_EQ(resample_from_pillow(3), Resample::kBicubic);
  EXPECT_STREQ(resample_name(resample_from_pillow(1)), "lanczos");
}

}  // namespace
}  // namespace hilum
