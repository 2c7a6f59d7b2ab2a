// TrivialAugmentWide against torchvision on Pillow pictures, bit for bit, for every strength of every operation.
#include "image/augment/trivial_augment.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "image/augment/golden_picture_for_test.h"

namespace hilum {
namespace {

std::vector<AugmentOperation> all_operations() {
  std::vector<AugmentOperation> all;
  for (int i = 0; i < kAugmentOperations; ++i) all.push_back(static_cast<AugmentOperation>(i));
  return all;
}

TEST(TrivialAugment, EveryOperationIsTorchvisionsOnPillow) {
  const std::vector<Image> pictures = golden_pictures();
  std::map<std::string, AugmentOperation> by_name;
  for (const AugmentOperation operation : all_operations()) by_name[augment_operation_name(operation)] = operation;
  ASSERT_EQ(golden_augmentations()["operations"].size(), 623u);
  for (const auto& row : golden_augmentations()["operations"]) {
    const TrivialAugment augment{by_name.at(row["operation"]), row["magnitude"]};
    std::vector<uint8_t> out;
    for (const Image& picture : pictures) {
      const Image changed = apply_trivial_augment(picture, augment);
      EXPECT_EQ(changed.width, picture.width);
      EXPECT_EQ(changed.height, picture.height);
      EXPECT_EQ(changed.channels, picture.channels);
      out.insert(out.end(), changed.data8.begin(), changed.data8.end());
    }
    EXPECT_EQ(sha_of_values(out), row["sha256"].get<std::string>()) << row["operation"] << " " << row["magnitude"];
  }
}

TEST(TrivialAugment, StrengthsAndSignsAreTorchvisions) {
  std::map<std::string, std::vector<double>> theirs, ours;
  for (const auto& row : golden_augmentations()["operations"]) theirs[row["operation"]].push_back(row["magnitude"]);
  for (const AugmentOperation operation : all_operations())
    for (const double magnitude : augment_magnitudes(operation)) {
      ours[augment_operation_name(operation)].push_back(magnitude);
      if (is_signed(operation)) ours[augment_operation_name(operation)].push_back(-magnitude);
    }
  EXPECT_EQ(ours, theirs);
}

TEST(TrivialAugment, DrawsAreEvenOverOperationsStrengthsAndSigns) {
  Rng rng(7);
  constexpr int kDraws = 140'000;
  std::map<AugmentOperation, int> operations;
  std::map<double, int> turns;
  for (int i = 0; i < kDraws; ++i) {
    const TrivialAugment drawn = draw_trivial_augment(rng);
    ++operations[drawn.operation];
    if (drawn.operation == AugmentOperation::kRotate) ++turns[drawn.magnitude];
  }
  ASSERT_EQ(operations.size(), 14u);
  for (const auto& [operation, count] : operations)
    EXPECT_NEAR(count, kDraws / 14, 500) << augment_operation_name(operation);  // 5 standard deviations: 480
  ASSERT_EQ(turns.size(), 61u);                                                 // 0 has no sign
  for (const auto& [degrees, count] : turns) EXPECT_NEAR(count, degrees == 0 ? 323 : 161, 95) << degrees;
}

TEST(TrivialAugment, MovesAreNamed) {
  std::set<std::string> moving;
  for (const AugmentOperation operation : all_operations())
    if (moves_pixels(operation)) moving.insert(augment_operation_name(operation));
  EXPECT_EQ(moving, (std::set<std::string>{"ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"}));
}

TEST(TrivialAugment, NothingMirrors) {  // a mark on the left stays left of the middle under every operation's least and
                                        // half strength
  Image image{.width = 33, .height = 33, .channels = 1, .bits = 8};
  image.data8.assign(33 * 33, 0);
  for (size_t y = 12; y < 21; ++y) image.data8[y * 33 + 4] = 200;
  const Image moved = apply_trivial_augment(image, {AugmentOperation::kTranslateX, -3.2});
  EXPECT_EQ(moved.data8[16 * 33 + 1], 200);  // -3 px: to the left
  const Image turned = apply_trivial_augment(image, {AugmentOperation::kRotate, 90});
  EXPECT_EQ(turned.data8[28 * 33 + 16], 200);  // against the clock: left comes down
}

}  // namespace
}  // namespace hilum
