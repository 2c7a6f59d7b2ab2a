#include "image/augment/augment_picture.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/expect_error_for_test.h"
#include "image/augment/golden_picture_for_test.h"

namespace hilum {
namespace {

using Step = PreprocessStep;

PreprocessConfig exact_48() {
  PreprocessConfig config;
  config.steps = {Step::kResizeExact, Step::kRescale, Step::kNormalize};
  config.width = config.height = 48;
  return config;
}

bool has_step(const Preprocessed& out, const std::string& begin) {
  for (const std::string& step : out.steps)
    if (step.starts_with(begin)) return true;
  return false;
}

TEST(AugmentPicture, WithoutAugmentationItIsPreprocessing) {
  const Image image = golden_picture(90, 70, 3);
  for (const PreprocessConfig& config : {exact_48(), PreprocessConfig{}}) {
    const Preprocessed plain = preprocess(image, config);
    const Preprocessed out = preprocess_augmented(image, config, augment_from_name("none"), {1, 2, 3});
    EXPECT_EQ(out.pixels, plain.pixels);
    EXPECT_EQ(out.steps, plain.steps);
    EXPECT_EQ(out.geometry, plain.geometry);
    EXPECT_EQ(out.used, plain.used);
  }
}

TEST(AugmentPicture, ADrawIsAFunctionOfSeedStepAndSampleAlone) {
  const Image image = golden_picture(90, 70, 1);
  const AugmentConfig augment = augment_from_name("medimageinsight");
  std::set<std::vector<float>> seen;
  for (const DrawKey& key : {DrawKey{1, 2, 3}, {2, 2, 3}, {1, 3, 3}, {1, 2, 4}, {1, 3, 2}, {0, 0, 0}})
    seen.insert(preprocess_augmented(image, exact_48(), augment, key).pixels);
  EXPECT_EQ(seen.size(), 6u);

  std::vector<std::vector<float>> once(40), again(40);
  for (size_t i = 0; i < once.size(); ++i) once[i] = preprocess_augmented(image, exact_48(), augment, {9, 1, i}).pixels;
  std::vector<std::thread> threads;
  for (size_t first = 0; first < 4; ++first)
    threads.emplace_back([&, first] {
      for (size_t i = first; i < again.size(); i += 4)
        again[i] = preprocess_augmented(image, exact_48(), augment, {9, 1, i}).pixels;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(once, again);
}

// A mark drawn in the original is where the crop's geometry says.
TEST(AugmentPicture, BoxesFollowACrop) {
  Image image = golden_picture(160, 120, 1, 0, 3);
  for (size_t y = 50; y < 70; ++y)
    for (size_t x = 70; x < 90; ++x) image.data8[y * 160 + x] = 255;
  PreprocessConfig config = exact_48();
  config.steps = {Step::kPadSquare, Step::kResizeExact, Step::kRescale};
  config.channels = 1;
  config.rescale_factor = 1;
  std::set<std::array<int, 4>> crops;
  for (uint64_t i = 0; i < 50; ++i) {
    const Preprocessed out = preprocess_augmented(image, config, augment_from_name("blip2_image_train"), {5, 0, i});
    ASSERT_EQ(out.height, 48);
    ASSERT_EQ(out.width, 48);
    crops.insert(out.used);
    const auto box = box_to_model({70 / 160.0, 50 / 120.0, 90 / 160.0, 70 / 120.0}, out.geometry);
    ASSERT_TRUE(box);
    for (int y = 0; y < 48; ++y)
      for (int x = 0; x < 48; ++x) {
        const float value = out.pixels[static_cast<size_t>(y * 48 + x)];
        const double u = (x + 0.5) / 48, v = (y + 0.5) / 48, margin = 2.0 / 48;  // bicubic spreads by 2 px
        if (u > box->x_min + margin && u < box->x_max - margin && v > box->y_min + margin && v < box->y_max - margin) {
          EXPECT_GT(value, 220) << i;
        }
        if (u < box->x_min - margin || u > box->x_max + margin || v < box->y_min - margin || v > box->y_max + margin) {
          EXPECT_LT(value, 40) << i;
        }
      }
  }
  EXPECT_GT(crops.size(), 40u);
}

TEST(AugmentPicture, APurposeThatIsSwitchedOffLeavesTheOthersDraws) {
  const Image image = golden_picture(90, 70, 1);
  AugmentConfig all = augment_from_name("medimageinsight"), crop_alone;
  crop_alone.crop = all.crop;
  int erased = 0, cropped = 0;
  for (uint64_t i = 0; i < 80; ++i) {
    const Preprocessed out = preprocess_augmented(image, exact_48(), all, {1, 0, i});
    EXPECT_EQ(out.geometry, preprocess_augmented(image, exact_48(), crop_alone, {1, 0, i}).geometry);
    erased += has_step(out, "erase ");
    cropped += has_step(out, "random crop ");
  }
  EXPECT_EQ(cropped, 80);
  EXPECT_TRUE(erased > 8 && erased < 36) << erased;  // 20 expected
}

TEST(AugmentPicture, AResizedPictureIsAugmentedAsTheOriginalWithoutItsCrop) {
  const Image image = golden_picture(90, 70, 3);
  AugmentConfig augment = augment_from_name("medimageinsight");
  augment.crop.reset();
  Preprocessed before;
  const Image resized = preprocess_pixels(image, exact_48(), before);
  for (uint64_t i = 0; i < 20; ++i) {
    const Preprocessed wanted = preprocess_augmented(image, exact_48(), augment, {1, 0, i});
    const Preprocessed out = augment_resized(resized, before.geometry, exact_48(), augment, {1, 0, i});
    EXPECT_EQ(out.pixels, wanted.pixels);
    EXPECT_EQ(out.geometry, wanted.geometry);
  }
  int smaller = 0;
  for (uint64_t i = 0; i < 20; ++i) {
    const Preprocessed cropped =
        augment_resized(resized, before.geometry, exact_48(), augment_from_name("blip2_image_train"), {1, 0, i});
    EXPECT_EQ(cropped.width, 48);
    smaller += cropped.geometry.used_width * cropped.geometry.used_height < 0.95 * 90 * 70;
  }
  EXPECT_GT(smaller, 12);
}

TEST(AugmentPicture, RecipesAreTheSheets) {
  const AugmentConfig none = augment_from_name("none"), blip = augment_from_name("blip2_image_train"),
                      tuning = augment_from_name("medimageinsight");
  EXPECT_FALSE(none.crop || none.trivial_augment || none.erasing);
  ASSERT_TRUE(blip.crop);
  EXPECT_EQ(blip.crop->area.low, 0.5);
  EXPECT_EQ(blip.crop->ratio.low, 0.75);
  EXPECT_FALSE(blip.trivial_augment || blip.erasing);
  ASSERT_TRUE(tuning.crop && tuning.erasing);
  EXPECT_EQ(tuning.crop->area.low, 0.8);
  EXPECT_EQ(tuning.erasing->probability, 0.25);
  EXPECT_EQ(tuning.erasing->area.high, 0.33);
  EXPECT_TRUE(tuning.trivial_augment);
  EXPECT_EQ(error_of([] { augment_from_name("blip2"); }),
      "augment: there is no recipe \"blip2\". Known: none, blip2_image_train, medimageinsight.");
}

TEST(AugmentPicture, WhatCannotBeDrawnIsRefused) {
  AugmentConfig config = augment_from_name("medimageinsight");
  check_augment(config, false);
  EXPECT_NE(error_of([&] { check_augment(config, true); }).find("the boxes that are trained would not follow"),
      std::string::npos);
  check_augment(augment_from_name("blip2_image_train"), true);
  config.crop->area = {0.9, 0.8};
  EXPECT_EQ(error_of([&] { check_augment(config, false); }),
      "augment.crop.area: is 0.9 to 0.8. Give the smaller first, both above 0 and at most 1.");
  config.crop->area = {0, 1};
  EXPECT_THROW(check_augment(config, false), Error);
  config = augment_from_name("medimageinsight");
  config.erasing->probability = 1.5;
  EXPECT_THROW(check_augment(config, false), Error);
  config.erasing->probability = NAN;
  EXPECT_THROW(check_augment(config, false), Error);

  PreprocessConfig any_size;
  any_size.steps = {Step::kResizeShortest, Step::kRescale};
  EXPECT_NE(error_of([&] {
    preprocess_augmented(golden_picture(90, 70, 3), any_size, augment_from_name("blip2_image_train"), {1, 0, 0});
  }).find("a random crop needs one"),
      std::string::npos);
}

}  // namespace
}  // namespace hilum
