#include "train/optimise/adamw.h"

#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <gtest/gtest.h>

namespace hilum {
namespace {

at::Tensor leaf(float value) { return at::full({1}, value, at::kFloat).requires_grad_(true); }

// The published algorithm in double for one number whose loss is 0.5 · p².
double reference(double p, int steps, double rate, const AdamWConfig& c, double decay) {
  double m = 0, v = 0;
  for (int t = 1; t <= steps; ++t) {
    const double g = p;
    p -= rate * decay * p;
    m = c.beta1 * m + (1 - c.beta1) * g;
    v = c.beta2 * v + (1 - c.beta2) * g * g;
    p -= rate * (m / (1 - std::pow(c.beta1, t))) / (std::sqrt(v / (1 - std::pow(c.beta2, t))) + c.eps);
  }
  return p;
}

TEST(AdamW, FollowsThePublishedAlgorithm) {
  const AdamWConfig config{.beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8};
  AdamW optimizer(
      config, {{.name = "a", .value = leaf(2), .decay = 0.1}, {.name = "b", .value = leaf(2), .rate_factor = 0.5}});
  for (int i = 0; i < 20; ++i) {
    optimizer.clear_gradients();
    for (AdamW::Entry& entry : optimizer.entries()) (entry.value * entry.value * 0.5).sum().backward();
    optimizer.step(0.05);
  }
  EXPECT_NEAR(optimizer.entries()[0].value.item<float>(), reference(2, 20, 0.05, config, 0.1), 1e-5);
  EXPECT_NEAR(optimizer.entries()[1].value.item<float>(), reference(2, 20, 0.025, config, 0), 1e-5);
}

TEST(AdamW, ClipsByTheNormOfAllGradientsTogether) {
  AdamW optimizer({}, {{.name = "a", .value = leaf(3)}, {.name = "b", .value = leaf(4)}});
  for (AdamW::Entry& entry : optimizer.entries())
    (entry.value * entry.value * 0.5).sum().backward();  // gradients 3 and 4
  EXPECT_NEAR(optimizer.clip_gradients(0), 5, 1e-6);
  EXPECT_NEAR(optimizer.clip_gradients(10), 5, 1e-6);
  EXPECT_NEAR(optimizer.entries()[0].value.grad().item<float>(), 3, 1e-6);
  optimizer.clip_gradients(1);
  EXPECT_NEAR(optimizer.entries()[0].value.grad().item<float>(), 0.6, 1e-6);
  EXPECT_NEAR(optimizer.entries()[1].value.grad().item<float>(), 0.8, 1e-6);
}

TEST(AdamW, NamesTheLargestGradientsAndFirstThoseThatAreNotFinite) {
  AdamW optimizer({}, {{.name = "small", .value = leaf(1)}, {.name = "none", .value = leaf(1)},
                          {.name = "large", .value = leaf(1)}, {.name = "broken", .value = leaf(1)}});
  const auto give = [&](size_t i, double factor) { (optimizer.entries()[i].value * factor).sum().backward(); };
  give(0, 2);
  give(2, 5);
  give(3, NAN);
  const auto largest = optimizer.largest_gradients(2);
  ASSERT_EQ(largest.size(), 2u);
  EXPECT_EQ(largest[0].first, "broken");
  EXPECT_EQ(largest[1].first, "large");
  EXPECT_EQ(largest[1].second, 5);
}

}  // namespace
}  // namespace hilum
