// Rectangles of crops and erasing against torchvision: given its draws, the same rectangles and pixels.
#include "image/augment/draw_rect.h"

#include <cmath>

#include <gtest/gtest.h>

#include "image/augment/golden_picture_for_test.h"
#include "image/augment/random_erasing.h"

namespace hilum {
namespace {

TEST(DrawRect, CropsAreTorchvisionsForItsDraws) {
  int fallbacks = 0;
  for (const auto& row : golden_augmentations()["crop_draws"]) {
    const int width = row["width"], height = row["height"];
    std::optional<PixelRect> rect;
    for (const auto& draw : row["tries"]) {
      EXPECT_FALSE(rect) << "a try that torchvision refused " << row;
      rect = crop_size(width, height, {draw[0], draw[1]});
    }
    const PixelRect wanted{row["left"], row["top"], row["crop_width"], row["crop_height"]};
    if (rect) {
      EXPECT_EQ(rect->width, wanted.width) << row;
      EXPECT_EQ(rect->height, wanted.height) << row;
    } else {
      ++fallbacks;
      EXPECT_EQ(fallback_crop(width, height, {row["ratio"][0], row["ratio"][1]}), wanted) << row;
    }
  }
  EXPECT_EQ(fallbacks, 36);
}

TEST(DrawRect, ErasedRectanglesAreTorchvisionsForItsDraws) {
  int erased = 0, empty = 0;
  for (const auto& row : golden_augmentations()["erase_draws"]) {
    std::optional<PixelRect> rect;
    for (const auto& draw : row["tries"]) {
      EXPECT_FALSE(rect) << "a try that torchvision refused " << row;
      rect = erased_size(row["width"], row["height"], {draw[0], draw[1]});
    }
    ASSERT_EQ(rect.has_value(), row.contains("left")) << row;
    if (!rect) continue;
    ++erased;
    empty += rect->width == 0 || rect->height == 0;
    EXPECT_EQ(rect->width, row["erased_width"].get<int>()) << row;
    EXPECT_EQ(rect->height, row["erased_height"].get<int>()) << row;
  }
  EXPECT_EQ(erased, 60);
  EXPECT_GT(empty, 0);  // torchvision takes them, and so do we
}

TEST(DrawRect, ResizedCropsAreTorchvisions) {
  for (const auto& row : golden_augmentations()["crops"]) {
    const Image image = golden_picture(row["width"], row["height"], row["channels"]);
    const Image out = resized_crop(image, {row["left"], row["top"], row["crop_width"], row["crop_height"]},
        row["to_width"], row["to_height"], resample_from_name(row["filter"]));
    EXPECT_EQ(sha_of_values(out.data8), row["sha256"].get<std::string>()) << row;
  }
}

TEST(DrawRect, ErasingIsTorchvisions) {
  for (const auto& row : golden_augmentations()["erased"]) {
    const int channels = row["channels"], height = row["height"], width = row["width"];
    std::vector<float> planes;
    for (int i = 0; i < channels * height * width; ++i) planes.push_back(static_cast<float>(i) / 7);
    ErasedRect erased{.rect = {row["left"], row["top"], row["erased_width"], row["erased_height"]}, .value = 0.25f};
    if (row["value"] == "noise")
      for (int i = 0; i < channels * erased.rect.height * erased.rect.width; ++i)
        erased.noise.push_back(static_cast<float>(i) / -16);
    erase(planes, channels, width, height, erased);
    EXPECT_EQ(sha_of_values(planes), row["sha256"].get<std::string>()) << row;
  }
}

TEST(DrawRect, DrawnCropsKeepToTheirRangesAndReachEveryPlace) {
  Rng rng(3);
  const DrawRange area{0.5, 1}, ratio{0.75, 4.0 / 3};
  bool left = false, right = false, top = false, bottom = false;
  double mean = 0;
  for (int i = 0; i < 4000; ++i) {
    const PixelRect rect = draw_crop(100, 80, area, ratio, rng);
    ASSERT_TRUE(rect.left >= 0 && rect.top >= 0 && rect.left + rect.width <= 100 && rect.top + rect.height <= 80);
    const double part = rect.width * rect.height / 8000.0, shape = static_cast<double>(rect.width) / rect.height;
    EXPECT_TRUE(part > 0.49 && part <= 1) << part;
    EXPECT_TRUE(shape > 0.73 && shape < 1.37) << shape;
    mean += part / 4000;
    left |= rect.left == 0;
    right |= rect.left + rect.width == 100;
    top |= rect.top == 0;
    bottom |= rect.top + rect.height == 80;
  }
  EXPECT_TRUE(left && right && top && bottom);
  EXPECT_NEAR(mean, 0.70, 0.02);  // 0.75 less the large ones that do not fit
}

TEST(DrawRect, ErasingIsAsOftenAsItsProbability) {
  Rng rng(4);
  RandomErasing erasing;
  erasing.noise = true;
  int count = 0;
  double sum = 0, squares = 0, values = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto erased = draw_random_erasing(erasing, 3, 24, 30, rng);
    count += erased.has_value();
    if (!erased) continue;
    for (const float value : erased->noise) {
      sum += value;
      squares += double{value} * value;
      values += 1;
    }
  }
  EXPECT_NEAR(count, 1000, 140);  // 5 standard deviations
  EXPECT_NEAR(sum / values, 0, 0.02);
  EXPECT_NEAR(squares / values, 1, 0.02);
  erasing.probability = 1;
  erasing.area = {0.99, 1};
  erasing.ratio = {1, 1};
  EXPECT_FALSE(draw_random_erasing(erasing, 3, 24, 24, rng)) << "a rectangle as large as the picture does not fit";
}

}  // namespace
}  // namespace hilum
