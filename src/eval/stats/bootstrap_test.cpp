#include "eval/stats/bootstrap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "base/error.h"

namespace hilum {
namespace {

Metrics mean_of(const std::vector<double>& values) {
  return [&values](std::span<const uint32_t> which, std::span<double> out) {
    double sum = 0;
    for (const uint32_t i : which) sum += values[i];
    out[0] = sum / static_cast<double>(which.size());
  };
}

// The evaluation sheet 6.1: given draws, means and quantiles.
TEST(Bootstrap, GivenDrawsHaveTheSheetsMeansAndQuantiles) {
  const std::vector<double> values = {.2, .4, .9, .5, .7};
  const std::vector<std::vector<uint32_t>> draws = {{0, 1, 2, 3, 4}, {4, 4, 1, 0, 2}, {3, 3, 3, 1, 0}, {2, 2, 4, 4, 1},
      {0, 0, 0, 1, 3}, {1, 2, 3, 4, 4}, {4, 0, 1, 1, 3}, {2, 0, 2, 0, 2}};
  const double expected[] = {.54, .58, .42, .72, .30, .64, .44, .62};
  std::vector<double> means(draws.size());
  for (size_t i = 0; i < draws.size(); ++i) {
    mean_of(values)(draws[i], std::span(&means[i], 1));
    EXPECT_NEAR(means[i], expected[i], 1e-12);
  }
  std::sort(means.begin(), means.end());
  EXPECT_NEAR(quantile(means, .025), .321, 1e-12);
  EXPECT_NEAR(quantile(means, .25), .435, 1e-12);
  EXPECT_NEAR(quantile(means, .5), .56, 1e-12);
  EXPECT_NEAR(quantile(means, .75), .625, 1e-12);
  EXPECT_NEAR(quantile(means, .975), .706, 1e-12);
}

TEST(Bootstrap, AllDrawsOfThreeValuesHaveTheSheetsQuantiles) {
  std::vector<double> means;
  const double values[] = {0, .5, 1};
  for (int i = 0; i < 27; ++i) means.push_back((values[i % 3] + values[i / 3 % 3] + values[i / 9]) / 3);
  std::sort(means.begin(), means.end());
  EXPECT_NEAR(quantile(means, .025), .108333333, 1e-8);
  EXPECT_NEAR(quantile(means, .975), .891666667, 1e-8);
}

// Monte Carlo: the mean of 20000 draws has a standard error of .2357 / sqrt(20000) = .0017, the sd one of about .0012.
TEST(Bootstrap, DrawsConvergeToTheExactMeanAndSpread) {
  const std::vector<double> values = {0, .5, 1};
  BootstrapOptions options;
  options.rounds = 20000;
  options.seed = 5;
  const Interval interval = bootstrap(3, 1, mean_of(values), options)[0];
  EXPECT_DOUBLE_EQ(interval.value, .5);
  EXPECT_NEAR(interval.mean, .5, .007);
  EXPECT_NEAR(interval.sd, .235702260, .005);
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 1);
  EXPECT_EQ(interval.rounds, 20000);
}

TEST(Bootstrap, SameSeedSameIntervalOtherSeedAnother) {
  std::vector<double> values(50);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
  BootstrapOptions options;
  const Interval first = bootstrap(50, 1, mean_of(values), options)[0],
                 again = bootstrap(50, 1, mean_of(values), options)[0];
  options.seed = 1;
  const Interval other = bootstrap(50, 1, mean_of(values), options)[0];
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  EXPECT_NE(first.low, other.low);
}

TEST(Bootstrap, RoundsDiffer) {
  EXPECT_NE(draw_studies(40, {}, 0), draw_studies(40, {}, 1));
  EXPECT_EQ(draw_studies(40, {}, 3), draw_studies(40, {}, 3));
}

TEST(Bootstrap, UndefinedDrawsAreLeftOutAndCounted) {
  const Metrics only_with_study_0 = [](std::span<const uint32_t> which, std::span<double> out) {
    out[0] = std::find(which.begin(), which.end(), 0u) == which.end() ? std::numeric_limits<double>::quiet_NaN() : 1;
    out[1] = std::numeric_limits<double>::quiet_NaN();
  };
  const auto intervals = bootstrap(2, 2, only_with_study_0, {});
  EXPECT_GT(intervals[0].rounds, 650);  // three quarters of the draws of two
  EXPECT_LT(intervals[0].rounds, 850);
  EXPECT_EQ(intervals[0].low, 1);
  EXPECT_EQ(intervals[1].rounds, 0);
  EXPECT_TRUE(std::isnan(intervals[1].low));
}

TEST(Bootstrap, StudiesOfAPatientAreDrawnTogether) {
  BootstrapOptions options;
  options.cluster_of = {0, 1, 0, 2, 1};
  for (int round = 0; round < 20; ++round) {
    const auto which = draw_studies(5, options, round);
    for (const auto& [a, b] : {std::pair{0u, 2u}, std::pair{1u, 4u}})
      EXPECT_EQ(std::count(which.begin(), which.end(), a), std::count(which.begin(), which.end(), b));
  }
}

TEST(Bootstrap, NonsenseOptionsThrow) {
  const Metrics nothing = [](std::span<const uint32_t>, std::span<double> out) { out[0] = 0; };
  EXPECT_THROW(bootstrap(0, 1, nothing, {}), Error);
  BootstrapOptions options;
  options.rounds = 0;
  EXPECT_THROW(bootstrap(3, 1, nothing, options), Error);
  options = {};
  options.level = 1;
  EXPECT_THROW(bootstrap(3, 1, nothing, options), Error);
  options = {};
  options.cluster_of = {0};
  EXPECT_THROW(bootstrap(3, 1, nothing, options), Error);
}

}  // namespace
}  // namespace hilum
