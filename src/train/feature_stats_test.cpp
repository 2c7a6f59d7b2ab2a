#include "train/feature_stats.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace hilum {
namespace {

TEST(FeatureStats, DistancesOfTheFittedKindHaveTheChiSquaredMean) {
  Rng rng(4);
  std::vector<std::vector<float>> pooled;
  for (int i = 0; i < 4000; ++i) {
    const double a = rng.normal(), b = rng.normal();
    pooled.push_back(
        {static_cast<float>(5 + a), static_cast<float>(-3 + 0.8 * a + 0.6 * b), static_cast<float>(rng.normal())});
  }
  const FeatureStats stats = fit_feature_stats(pooled);
  double sum = 0;
  for (const auto& feature : pooled) sum += std::pow(feature_distance(stats, feature), 2);
  EXPECT_NEAR(sum / 4000, 3, 0.15);  // the degrees of freedom; the one percent added to the diagonal takes a little off
  const double far = feature_distance(stats, std::vector<float>{5, 3, 0});
  EXPECT_NEAR(far, 6 / 0.6, 0.6);  // six across, where the spread left over by the first coordinate is 0.6
}

TEST(FeatureStats, DirectionsNeverSeenDoNotBreakTheFit) {
  Rng rng(4);
  std::vector<std::vector<float>> pooled;
  for (int i = 0; i < 10; ++i) pooled.push_back({static_cast<float>(rng.normal()), 1.0f, 1.0f});
  const FeatureStats stats = fit_feature_stats(pooled);
  EXPECT_TRUE(std::isfinite(feature_distance(stats, std::vector<float>{0, 2, 1})));
}

TEST(FeatureStats, PoolingIsTheMeanOverPatches) {
  EXPECT_EQ(mean_pooled(std::vector<float>{1, 2, 3, 4, 5, 6}, 2), (std::vector<float>{3, 4}));
}

TEST(FeatureStats, PercentileIsTheNearestRank) {
  EXPECT_EQ(percentile_of({5, 1, 2, 3, 4}, 100), 5);
  EXPECT_EQ(percentile_of({5, 1, 2, 3, 4}, 40), 2);
  EXPECT_EQ(percentile_of({5, 1, 2, 3, 4}, 0), 1);
}

}  // namespace
}  // namespace hilum
