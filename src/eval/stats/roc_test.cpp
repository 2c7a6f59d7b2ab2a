#include "eval/stats/roc.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/rng.h"

namespace hilum {
namespace {

double slow_auroc(const std::vector<double>& scores, const std::vector<uint8_t>& positive) {
  double won = 0, pairs = 0;
  for (size_t i = 0; i < scores.size(); ++i)
    for (size_t j = 0; j < scores.size(); ++j)
      if (positive[i] && !positive[j]) {
        ++pairs;
        won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? .5 : 0;
      }
  return won / pairs;
}

// Evaluation sheet 6.5.
TEST(Roc, TheSheetsThreeExamples) {
  const std::vector<uint8_t> y1 = {0, 0, 1, 1}, y2 = {0, 1, 0, 1, 1, 0}, y3 = {1, 1, 0, 0};
  const RankedScores first = rank_scores(std::vector<double>{.1, .4, .35, .8}, y1);
  EXPECT_DOUBLE_EQ(auroc(first), .75);
  EXPECT_NEAR(average_precision(first), .833333333, 1e-9);
  const RankedScores second = rank_scores(std::vector<double>{.5, .5, .2, .9, .2, .2}, y2);
  EXPECT_NEAR(auroc(second), .722222222, 1e-9);
  EXPECT_NEAR(average_precision(second), .722222222, 1e-9);
  const RankedScores third = rank_scores(std::vector<double>{.3, .3, .3, .3}, y3);
  EXPECT_DOUBLE_EQ(auroc(third), .5);
  EXPECT_DOUBLE_EQ(average_precision(third), .5);
}

TEST(Roc, AreaIsTheShareOfPairsWonWithAndWithoutTies) {
  Rng rng(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> scores;
    std::vector<uint8_t> positive = {1, 0};
    for (int i = 0; i < 40; ++i) scores.push_back(round % 2 ? rng.uniform() : rng.below(5) / 4.);
    while (positive.size() < scores.size()) positive.push_back(rng.chance(.4));
    EXPECT_NEAR(auroc(rank_scores(scores, positive)), slow_auroc(scores, positive), 1e-12);
  }
}

TEST(Roc, CasesThatCountTwiceAreAsGoodAsWrittenTwice) {
  const std::vector<double> scores = {.9, .7, .7, .4, .2}, twice = {.9, .9, .7, .4, .4, .4, .2};
  const std::vector<uint8_t> positive = {1, 0, 1, 1, 0}, positive_twice = {1, 1, 1, 1, 1, 1, 0};
  const std::vector<uint32_t> times = {2, 0, 1, 3, 1};
  const RankedScores ranked = rank_scores(scores, positive), written = rank_scores(twice, positive_twice);
  EXPECT_DOUBLE_EQ(auroc(ranked, times), auroc(written));
  EXPECT_DOUBLE_EQ(average_precision(ranked, times), average_precision(written));
}

TEST(Roc, CurveRunsFromOneCornerToTheOtherAndHoldsTheArea) {
  const RankedScores ranked =
      rank_scores(std::vector<double>{.5, .5, .2, .9, .2, .2}, std::vector<uint8_t>{0, 1, 0, 1, 1, 0});
  const std::vector<RocPoint> curve = roc_curve(ranked);
  ASSERT_EQ(curve.size(), 4u);  // the corner, and three distinct scores
  EXPECT_EQ(curve.front().false_positive_rate, 0);
  EXPECT_EQ(curve.back().true_positive_rate, 1);
  double area = 0;
  for (size_t i = 1; i < curve.size(); ++i)
    area += (curve[i].false_positive_rate - curve[i - 1].false_positive_rate) *
            (curve[i].true_positive_rate + curve[i - 1].true_positive_rate) / 2;
  EXPECT_NEAR(area, auroc(ranked), 1e-12);
}

TEST(Roc, OneClassAloneHasNoAreaAndIsNotZero) {
  const RankedScores positives = rank_scores(std::vector<double>{.1, .2}, std::vector<uint8_t>{1, 1});
  EXPECT_TRUE(std::isnan(auroc(positives)));
  EXPECT_TRUE(roc_curve(positives).empty());
  EXPECT_TRUE(std::isnan(average_precision(rank_scores(std::vector<double>{.1, .2}, std::vector<uint8_t>{0, 0}))));
  EXPECT_THROW(rank_scores(std::vector<double>{.1, NAN}, std::vector<uint8_t>{1, 0}), Error);
  EXPECT_THROW(rank_scores(std::vector<double>{.1}, std::vector<uint8_t>{1, 0}), Error);
}

}  // namespace
}  // namespace hilum
