#include "image/geometry.h"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace hilum {
namespace {

struct GeometryRow {
  CropBox box;
  int width, height;
  std::array<int, 4> pixels;
  BoxNorm result;
};

// The reference's adjust_box_for_original_image_size on the boxes of its documentation.
const std::vector<GeometryRow> kRows = {
    {{.055, .275, .445, .665}, 512, 420, {69, 115, 232, 279},
        {0.134765625, 0.27380952380952384, 0.453125, 0.6642857142857143}},
    {{.415, .225, .635, .755}, 2544, 3056, {1055, 828, 1615, 2176},
        {0.4147012578616352, 0.2709424083769634, 0.6348270440251572, 0.7120418848167539}},
    {{.505, .415, .885, .775}, 3056, 2544, {1540, 1055, 2507, 1971},
        {0.5039267015706806, 0.4147012578616352, 0.8203534031413613, 0.7747641509433962}},
    {{.005, .555, .155, .825}, 1025, 1024, {5, 568, 158, 844},
        {0.004878048780487805, 0.5546875, 0.15414634146341463, 0.82421875}},
    {{.005, .005, .995, .995}, 512, 512, {2, 2, 509, 509}, {0.00390625, 0.00390625, 0.994140625, 0.994140625}},
};

TEST(Geometry, BoxesComeBackExactlyAsTheReferenceAdjustsThem) {
  for (const GeometryRow& row : kRows) {
    const BoxNorm got = adjust_box_for_original_image_size(row.box, row.width, row.height);
    EXPECT_EQ(got, row.result) << row.width << "x" << row.height;
    EXPECT_EQ(std::lround(got.x_min * row.width), row.pixels[0]);
    EXPECT_EQ(std::lround(got.y_min * row.height), row.pixels[1]);
    EXPECT_EQ(std::lround(got.x_max * row.width), row.pixels[2]);
    EXPECT_EQ(std::lround(got.y_max * row.height), row.pixels[3]);
  }
}

TEST(Geometry, CoordinatesAreTruncatedTowardZeroAndNotClamped) {
  const BoxNorm got = box_to_original({-0.06, 0, 1.05, 1}, whole_image(10, 10));
  EXPECT_EQ(got, (BoxNorm{0, 0, 1.0, 1}));  // -0.6 -> 0, 10.5 -> 10
}

TEST(Geometry, TrainingBoxesAreClippedToTheSquareAndDroppedOutside) {
  const Geometry square = center_square(300, 100);  // x 100..200
  const auto half = box_to_model({0.25, 0.1, 0.5, 0.6}, square);
  ASSERT_TRUE(half);
  EXPECT_DOUBLE_EQ(half->x_min, 0);
  EXPECT_DOUBLE_EQ(half->x_max, 0.5);
  EXPECT_DOUBLE_EQ(half->y_min, 0.1);
  EXPECT_FALSE(box_to_model({0.0, 0, 0.3, 1}, square));
  EXPECT_FALSE(box_to_model({0.7, 0, 1.0, 1}, square));
  EXPECT_FALSE(box_to_model({0.5, 0.5, 0.5, 0.9}, square));
}

TEST(Geometry, ACropSmallerThanTheResizeUsesThatPartOfTheSquare) {
  const Geometry geometry = center_square(300, 100, 0.5);
  EXPECT_EQ(geometry, (Geometry{300, 100, 125, 25, 50, 50}));
  EXPECT_EQ(used_rectangle(geometry), (std::array<int, 4>{125, 25, 175, 75}));
}

TEST(Geometry, RoundTripStaysWithinOnePixel) {
  const bool held = rc::check("a box goes to model space and back", [] {
    const int width = *rc::gen::inRange(1, 5000), height = *rc::gen::inRange(1, 5000);
    const Geometry geometry =
        *rc::gen::element(center_square(width, height), whole_image(width, height), center_square(width, height, 0.9));
    const auto corner = [&](double low, double length) { return low + length * *rc::gen::inRange(0, 10001) / 10000.0; };
    double x0 = corner(geometry.left, geometry.used_width), x1 = corner(geometry.left, geometry.used_width);
    double y0 = corner(geometry.top, geometry.used_height), y1 = corner(geometry.top, geometry.used_height);
    if (x0 > x1) std::swap(x0, x1);
    if (y0 > y1) std::swap(y0, y1);
    RC_PRE(x1 - x0 > 1e-3 && y1 - y0 > 1e-3);
    const BoxNorm original{x0 / width, y0 / height, x1 / width, y1 / height};
    const auto model = box_to_model(original, geometry);
    RC_ASSERT(model.has_value());
    const BoxNorm back = box_to_original(*model, geometry);
    RC_ASSERT(std::abs(back.x_min - original.x_min) * width <= 1 + 1e-6);
    RC_ASSERT(std::abs(back.y_min - original.y_min) * height <= 1 + 1e-6);
    RC_ASSERT(std::abs(back.x_max - original.x_max) * width <= 1 + 1e-6);
    RC_ASSERT(std::abs(back.y_max - original.y_max) * height <= 1 + 1e-6);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace hilum
