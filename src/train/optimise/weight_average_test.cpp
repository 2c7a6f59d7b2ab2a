#include "train/optimise/weight_average.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

namespace hilum {
namespace {

// By hand: 1, then 0.9 * 1 + 0.1 * 2 = 1.1, then 0.9 * 1.1 + 0.1 * 4 = 1.39.
TEST(WeightAverage, FollowsTheWeightsSlowly) {
  const at::Tensor weight = at::full({1}, 1.0f, at::kFloat).requires_grad_(true);
  WeightAverage average(0.9, {{.name = "w", .value = weight}});
  const c10::AutoGradMode off(false);
  for (const float value : {2.0f, 4.0f}) {
    weight.fill_(value);
    average.update();
  }
  EXPECT_NEAR(average.entries()[0].average.item<float>(), 1.39, 1e-6);
  EXPECT_EQ(weight.item<float>(), 4);
  average.replace_weights();
  EXPECT_NEAR(weight.item<float>(), 1.39, 1e-6);
}

}  // namespace
}  // namespace hilum
