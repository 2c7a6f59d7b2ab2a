#include "engine/answer/drift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace hilum {
namespace {

TEST(Drift, DivergenceIsThatWorkedOutByHand) {
  // p = (1/2, 1/4, 1/4), q = (1/4, 1/2, 1/4): KL = 1/2 ln 2 - 1/4 ln 2. The second row is the same on both sides, but
  // for a shift.
  const float h = std::log(.5f), q = std::log(.25f);
  const Tensor a = Tensor::host({2, 3}, std::vector<float>{h, q, q, 1, 2, 3}),
               b = Tensor::host({2, 3}, std::vector<float>{q, h, q, 11, 12, 13});
  const LogitDrift drift = compare_logits(a, b);
  EXPECT_EQ(drift.tokens, 2);
  EXPECT_NEAR(drift.largest_kl, .25 * std::log(2), 1e-6);
  EXPECT_NEAR(drift.kl, .125 * std::log(2), 1e-6);
  EXPECT_DOUBLE_EQ(drift.same_first, .5);
}

TEST(Drift, AModelIsNotAwayFromItself) {
  const Tensor a = Tensor::host({1, 4}, std::vector<float>{-100, 0, 3, 90});
  EXPECT_EQ(compare_logits(a, a).kl, 0);
  EXPECT_EQ(compare_logits(a, a).same_first, 1);
}

TEST(Drift, OtherVocabulariesAreRefused) {
  EXPECT_THROW(
      compare_logits(Tensor::host({1, 2}, std::vector<float>{0, 1}), Tensor::host({1, 3}, std::vector<float>{0, 1, 2})),
      Error);
}

}  // namespace
}  // namespace hilum
