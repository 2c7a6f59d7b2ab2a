#include "report/crop_finding.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

// A 400 x 200 image whose middle 200 x 200 the model sees.
const Geometry kSquare = center_square(400, 200);

TEST(CropFinding, BoxesGoToTheOriginalAndBack) {
  const CropFinding seen{.text = "Effusion.", .boxes = {{{0, 0.5, 1, 1}}}, .token_probability = 0.5};
  const Finding original = to_original(seen, kSquare);
  EXPECT_EQ(original.text, "Effusion.");
  EXPECT_EQ(original.token_probability, 0.5);
  EXPECT_EQ(*original.boxes, (std::vector<BoxNorm>{{0.25, 0.5, 0.75, 1}}));
  EXPECT_EQ(*to_crop(original, kSquare).boxes, *seen.boxes);
}

TEST(CropFinding, ASentenceWithoutBoxesStaysWithout) {
  EXPECT_EQ(to_original({.text = "Clear."}, kSquare).boxes, std::nullopt);
  EXPECT_EQ(to_crop({.text = "Clear."}, kSquare).boxes, std::nullopt);
}

TEST(CropFinding, WhatTheModelDoesNotSeeIsNoTarget) {
  const Finding edge{.text = "Edge.", .boxes = {{{0, 0, 0.1, 0.1}, {0.3, 0.2, 0.4, 0.4}}}};
  EXPECT_EQ(to_crop(edge, kSquare).boxes->size(), 1u);
  EXPECT_EQ(to_crop({.text = "Edge.", .boxes = {{{0, 0, 0.1, 0.1}}}}, kSquare).boxes, std::nullopt);
}

}  // namespace
}  // namespace hilum
