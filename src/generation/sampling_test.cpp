#include "generation/sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/error.h"

namespace hilum {
namespace {

// How often each token comes in `draws` draws.
std::map<int32_t, double> frequencies(
    const std::vector<float>& logits, const Sampling& sampling, std::vector<int32_t> allowed = {}) {
  Rng rng(sampling.seed);
  std::map<int32_t, double> seen;
  const int draws = 40000;
  for (int i = 0; i < draws; ++i) seen[choose_token(logits, sampling, allowed, rng)] += 1.0 / draws;
  return seen;
}

const std::vector<float> kLogits = {std::log(0.1f), std::log(0.4f), std::log(0.2f), std::log(0.3f)};

TEST(Sampling, GreedyTakesTheMostProbableAndTheLowestIdOfEquals) {
  Rng rng(1);
  EXPECT_EQ(choose_token(kLogits, {}, {}, rng), 1);
  EXPECT_EQ(choose_token(std::vector<float>{1, 3, 3, 2}, {}, {}, rng), 1);
  const int32_t allowed[] = {3, 0};
  EXPECT_EQ(choose_token(kLogits, {}, allowed, rng), 3);
}

TEST(Sampling, FrequenciesFollowTheProbabilities) {
  // standard error of a frequency: sqrt(0.25 / 40000) = 0.0025; four of them
  const auto plain = frequencies(kLogits, {.temperature = 1, .seed = 3});
  for (const auto& [id, p] : {std::pair{0, 0.1}, {1, 0.4}, {2, 0.2}, {3, 0.3}})
    EXPECT_NEAR(plain.at(id), p, 0.01) << id;
  // temperature 0.5 squares the weights: 1, 16, 4, 9 of 30
  const auto cold = frequencies(kLogits, {.temperature = 0.5f, .seed = 3});
  EXPECT_NEAR(cold.at(1), 16.0 / 30, 0.01);
  EXPECT_NEAR(cold.at(0), 1.0 / 30, 0.01);
}

TEST(Sampling, TopKAndTopPKeepTheMostProbable) {
  const auto two = frequencies(kLogits, {.temperature = 1, .top_k = 2});
  EXPECT_EQ(two.size(), 2u);
  EXPECT_NEAR(two.at(1), 4.0 / 7, 0.01);
  // 0.4 alone does not reach 0.5; with 0.3 it does
  const auto half = frequencies(kLogits, {.temperature = 1, .top_p = 0.5f});
  EXPECT_EQ(half.size(), 2u);
  EXPECT_NEAR(half.at(3), 3.0 / 7, 0.01);
  EXPECT_EQ(frequencies(kLogits, {.temperature = 1, .top_p = 0.001f}).size(), 1u);
  // top-p counts what top-k and the allowed list left
  const auto both = frequencies(kLogits, {.temperature = 1, .top_p = 0.55f, .top_k = 2}, {0, 2, 3});
  EXPECT_EQ(both.size(), 1u);
  EXPECT_EQ(both.count(3), 1u);  // 0.3 of 0.5 reaches 0.55
}

TEST(Sampling, ASeedGivesTheSameDraws) {
  const auto run = [](uint64_t seed) {
    Rng rng(seed);
    std::vector<int32_t> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(choose_token(kLogits, {.temperature = 1}, {}, rng));
    return ids;
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

TEST(Sampling, LogProbabilityIsTheModels) {
  EXPECT_NEAR(log_probability(kLogits, 2), std::log(0.2), 1e-6);
  const std::vector<float> far = {1000, 0};
  EXPECT_NEAR(log_probability(far, 1), -1000, 1e-6);
}

TEST(Sampling, ValuesOutOfRangeAreRefused) {
  EXPECT_THROW(check_sampling({.temperature = -1}), Error);
  EXPECT_THROW(check_sampling({.temperature = std::nanf("")}), Error);
  EXPECT_THROW(check_sampling({.top_p = 0}), Error);
  EXPECT_THROW(check_sampling({.top_p = 1.5f}), Error);
  EXPECT_THROW(check_sampling({.top_k = -1}), Error);
  EXPECT_NO_THROW(check_sampling({}));
}

}  // namespace
}  // namespace hilum
