#include "eval/boxes/box_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "image/geometry.h"

namespace hilum {
namespace {

using Boxes = std::vector<BoxNorm>;

struct MaskCase {
  Boxes predicted, truth;
  int64_t pixels[4];  // predicted, truth, intersection, union
  double iou, precision, recall;
};

// The table of the evaluation sheet 5.1.
TEST(BoxScores, MasksCountTheSheetsPixels) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const MaskCase cases[] = {
      {{{.3, .3, .5, .5}, {.4, .4, .6, .6}}, {{.2, .2, .4, .4}, {.1, .1, .4, .4}}, {3521, 4489, 484, 7526}, .064310391,
          .137460949, .107819113},
      {{{.3, .65, .5, .85}}, {{.3, .6, .5, .8}}, {2025, 2025, 1530, 2520}, .607142857, .755555556, .755555556},
      {{{.05, .4, .45, .95}, {.55, .4, .95, .95}}, {{.05, .6, .4, .95}}, {21894, 6084, 6084, 21894}, .277884352,
          .277884352, 1},
      {{{0, 0, 0, 0}}, {{.3, .65, .5, .85}}, {0, 2025, 0, 2025}, 0, nan, 0},
      {{{.5, .5, .7, .7}}, {{.7, .7, .9, .9}}, {1936, 2025, 0, 3961}, 0, 0, 0},
  };
  for (const MaskCase& one : cases) {
    const BoxOverlap overlap = box_overlap(one.predicted, one.truth);
    EXPECT_EQ(overlap.predicted, one.pixels[0]);
    EXPECT_EQ(overlap.truth, one.pixels[1]);
    EXPECT_EQ(overlap.intersection, one.pixels[2]);
    EXPECT_EQ(overlap.united(), one.pixels[3]);
    EXPECT_NEAR(overlap.iou().value(), one.iou, 1e-8);
    EXPECT_NEAR(overlap.recall().value(), one.recall, 1e-8);
    EXPECT_EQ(overlap.precision().has_value(), !std::isnan(one.precision));
    if (overlap.precision()) {
      EXPECT_NEAR(*overlap.precision(), one.precision, 1e-8);
    }
  }
}

TEST(BoxScores, NoBoxesOnEitherSideHaveNoRatios) {
  const BoxOverlap none = box_overlap({}, {});
  EXPECT_EQ(none.iou(), std::nullopt);
  EXPECT_EQ(none.precision(), std::nullopt);
  EXPECT_EQ(none.recall(), std::nullopt);
}

TEST(BoxScores, AnalyticOverlapIsThatOfTheSheet) {
  EXPECT_NEAR(box_iou({10, 20, 110, 220}, {60, 20, 160, 220}), 1.0 / 3, 1e-12);
  EXPECT_NEAR(box_iou({0, 0, 100, 100}, {25, 25, 75, 75}), .25, 1e-12);
  EXPECT_EQ(box_iou({0, 0, 10, 10}, {20, 20, 30, 30}), 0);
  EXPECT_EQ(box_iou({1, 1, 1, 1}, {1, 1, 1, 1}), 0);
}

TEST(BoxScores, WholePictureFillsTheMask) {
  EXPECT_EQ(box_overlap(Boxes{{0, 0, 1, 1}}, {}).predicted, 224 * 224);
  EXPECT_EQ(box_overlap(Boxes{{0, 0, 1, 1}}, {}, 10).predicted, 100);
}

TEST(BoxScores, BoxesOutsideThePictureOrInvertedThrow) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const BoxNorm& box : {BoxNorm{-.1, 0, 1, 1}, BoxNorm{0, 0, 1.01, 1}, BoxNorm{.5, 0, .4, 1},
           BoxNorm{0, .5, 1, .4}, BoxNorm{nan, 0, 1, 1}, BoxNorm{0, 0, 1, nan}, BoxNorm{0, 0, inf, 1}}) {
    EXPECT_FALSE(is_valid_box(box));
    EXPECT_THROW(box_overlap(Boxes{box}, {}), Error);
    EXPECT_THROW(box_overlap({}, Boxes{box}), Error);
  }
}

TEST(BoxScores, PhraseWithoutAnAnswerHasRecallZeroAndNoPrecision) {
  const Boxes lower = {{.3, .6, .5, .8}}, shifted = {{.3, .65, .5, .85}};
  const PhraseBoxes phrases[] = {{lower, shifted}, {lower, std::nullopt}, {lower, Boxes{}}, {{}, shifted}};
  const PhraseBoxScores scores = score_phrase_boxes(phrases);
  EXPECT_EQ(scores.num_phrases, 3);  // the phrase without reference boxes is not scored
  EXPECT_EQ(scores.num_with_pixels, 1);
  EXPECT_NEAR(scores.precision.value(), .755555556, 1e-8);
  EXPECT_NEAR(scores.recall.value(), .755555556 / 3, 1e-8);
  EXPECT_NEAR(scores.miou.value(), .607142857 / 3, 1e-8);
  EXPECT_EQ(score_phrase_boxes({}).recall, std::nullopt);
}

}  // namespace
}  // namespace hilum
