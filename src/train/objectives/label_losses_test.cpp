#include "train/objectives/label_losses.h"

#include <cmath>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include "train/objectives/finite_differences_for_test.h"

namespace hilum {
namespace {

const double kNotKnown = std::nan("");

// [3, 2]
struct Cells {
  explicit Cells(std::vector<double> answers) : wanted(std::move(answers)) {
    for (size_t i = 0; i < 6; ++i) given.data_ptr<double>()[i] = wanted[i];
  }
  double output(size_t i) const { return outputs.data_ptr<double>()[i]; }
  std::vector<double> wanted;
  at::Tensor outputs = normal_leaf(at::zeros({3, 2}, at::kDouble), 4), given = at::zeros({3, 2}, at::kDouble);
};

TEST(LabelLosses, EachKnownLabelIsCrossEntropyOnItsOwn) {
  Cells c({1, 0, kNotKnown, 1, 0, kNotKnown});
  double plain = 0;
  for (size_t i = 0; i < 6; ++i) {
    if (std::isnan(c.wanted[i])) continue;
    const double p = 1 / (1 + std::exp(-c.output(i)));
    plain -= c.wanted[i] * std::log(p) + (1 - c.wanted[i]) * std::log(1 - p);
  }
  EXPECT_NEAR(label_loss_sum(c.outputs, c.given).item<double>(), plain, 1e-12);
  expect_gradient({c.outputs}, [&] { return label_loss_sum(c.outputs, c.given); });
  EXPECT_EQ(c.outputs.grad().data_ptr<double>()[2], 0);  // not known: no pull either way
}

TEST(LabelLosses, OneClassOfSeveralIsCrossEntropyOfTheRow) {
  Cells c({1, 0, 0, 1, 1, 0});
  double plain = 0;
  for (size_t row = 0; row < 3; ++row) {
    const double a = std::exp(c.output(2 * row)), b = std::exp(c.output(2 * row + 1));
    plain -= std::log((c.wanted[2 * row] == 1 ? a : b) / (a + b));
  }
  EXPECT_NEAR(class_loss_sum(c.outputs, c.given).item<double>(), plain, 1e-12);
  expect_gradient({c.outputs}, [&] { return class_loss_sum(c.outputs, c.given); });
}

TEST(LabelLosses, AValueIsSquareNearItsAnswerAndLinearFarFromIt) {
  Cells c({0.1, 12, kNotKnown, -5, 0.3, kNotKnown});
  constexpr double kBeta = 2;
  double plain = 0;
  size_t near = 0, far = 0;
  for (size_t i = 0; i < 6; ++i) {
    if (std::isnan(c.wanted[i])) continue;
    const double d = std::fabs(c.output(i) - c.wanted[i]);
    plain += d < kBeta ? d * d / (2 * kBeta) : d - kBeta / 2;
    ++(d < kBeta ? near : far);
  }
  EXPECT_GT(near, 0u);
  EXPECT_GT(far, 0u);
  EXPECT_NEAR(value_loss_sum(c.outputs, c.given, kBeta).item<double>(), plain, 1e-12);
  expect_gradient({c.outputs}, [&] { return value_loss_sum(c.outputs, c.given, kBeta); });
}

TEST(LabelLosses, KnownCellsAreCounted) {
  EXPECT_EQ(known_cells(std::vector<float>{1, std::nanf(""), 0, std::nanf("")}), 2);
}

TEST(LabelLosses, AbnormalIsAnyPathologyAndNormalIsSaidToBe) {
  const std::vector<std::string> names{"No Finding", "Edema", "Support Devices"};
  const float unknown = std::nanf("");
  const auto of = [&](std::vector<float> labels) { return abnormal_label(labels, names); };
  EXPECT_EQ(of({0, 1, 0}), 1);
  EXPECT_EQ(of({1, 1, 0}), 1);  // they contradict each other: what is there counts
  EXPECT_EQ(of({1, 0, 1}), 0);  // a tube is no disease
  EXPECT_EQ(of({1, unknown, unknown}), 0);
  EXPECT_TRUE(std::isnan(of({0, 0, 0})));
  EXPECT_TRUE(std::isnan(of({unknown, unknown, 1})));
}

}  // namespace
}  // namespace hilum
