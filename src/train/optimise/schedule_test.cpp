#include "train/optimise/schedule.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

using Form = Schedule::Form;

TEST(Schedule, WarmsUpThenFallsAlongHalfACosine) {
  const Schedule schedule{.peak = 1.0, .final_factor = 0.1, .warmup_steps = 4};
  EXPECT_DOUBLE_EQ(schedule.rate(0, 0), 0.25);
  EXPECT_DOUBLE_EQ(schedule.rate(3, 0), 1.0);
  EXPECT_NEAR(schedule.rate(10, 0.5), 0.55, 1e-12);
  EXPECT_NEAR(schedule.rate(10, 1.0), 0.1, 1e-12);
  EXPECT_NEAR(schedule.rate(10, 1.5), 0.1, 1e-12);
}

// XrayGPT's two stages; the values worked out from its configuration files, to eight digits.
TEST(Schedule, LinearWarmupCosineIsXrayGptsToTheDigit) {
  const Schedule first{.form = Form::kLinearWarmupCosine,
      .peak = 1e-4,
      .warmup_steps = 500,
      .warmup_rate = 1e-6,
      .min_rate = 8e-5,
      .epoch_steps = 5000,
      .steps = 20000};
  EXPECT_DOUBLE_EQ(first.rate(0, 0), 1e-6);
  EXPECT_NEAR(first.rate(499, 0), 9.9802e-5, 5e-13);
  EXPECT_NEAR(first.rate(500, 0), 9.9969173e-5, 5e-13);
  EXPECT_NEAR(first.rate(10000, 0), 9e-5, 1e-15);
  const Schedule second{.form = Form::kLinearWarmupCosine,
      .peak = 3e-5,
      .warmup_steps = 200,
      .warmup_rate = 1e-6,
      .min_rate = 1e-5,
      .epoch_steps = 2501,
      .steps = 2501};
  EXPECT_DOUBLE_EQ(second.rate(0, 0), 1e-6);
  EXPECT_NEAR(second.rate(199, 0), 2.9855e-5, 5e-13);
  EXPECT_NEAR(second.rate(200, 0), 2.9686081e-5, 5e-13);
  EXPECT_NEAR(second.rate(1250, 0), 2.0006281e-5, 5e-13);
}

// A warm-up longer than an epoch begins anew with it: the released code counts the step within the epoch.
TEST(Schedule, LinearWarmupCosineCountsTheWarmupWithinTheEpoch) {
  const Schedule schedule{.form = Form::kLinearWarmupCosine,
      .peak = 1,
      .warmup_steps = 6,
      .warmup_rate = 0,
      .min_rate = 0,
      .epoch_steps = 4,
      .steps = 100};
  EXPECT_DOUBLE_EQ(schedule.rate(3, 0), 0.5);
  EXPECT_DOUBLE_EQ(schedule.rate(4, 0), 0);
  EXPECT_DOUBLE_EQ(schedule.rate(5, 0), 1.0 / 6);
}

// MedImageInsight's fine-tuning: 5e-6, five steps of warm-up from 1e-9, down to 1e-9. Worked by hand: step 2 is 1e-9 +
// 2/5 of (5e-6 - 1e-9); half way the cosine is 0.
TEST(Schedule, TimmCosineWarmsUpWithoutMovingTheCosine) {
  const Schedule schedule{
      .form = Form::kTimmCosine, .peak = 5e-6, .warmup_steps = 5, .warmup_rate = 1e-9, .min_rate = 1e-9, .steps = 100};
  EXPECT_DOUBLE_EQ(schedule.rate(0, 0), 1e-9);
  EXPECT_NEAR(schedule.rate(2, 0), 2.0006e-6, 1e-15);
  EXPECT_NEAR(schedule.rate(5, 0), 1e-9 + 4.999e-6 * 0.9938441702975689, 1e-15);  // (1 + cos 9 degrees) / 2
  EXPECT_NEAR(schedule.rate(50, 0), 2.5005e-6, 1e-15);
  EXPECT_DOUBLE_EQ(schedule.rate(100, 0), 1e-9);
  EXPECT_DOUBLE_EQ(schedule.rate(150, 0), 1e-9);
}

// 3 % of 1000 steps; of 101 steps the ceiling of 3.03. Sixty degrees are a third of the way: (1 + 0.5) / 2.
TEST(Schedule, WarmupRatioCosineIsTransformers) {
  const Schedule schedule{.form = Form::kWarmupRatioCosine, .peak = 2e-5, .warmup_ratio = 0.03, .steps = 1000};
  EXPECT_DOUBLE_EQ(schedule.rate(0, 0), 0);
  EXPECT_NEAR(schedule.rate(15, 0), 1e-5, 1e-18);
  EXPECT_NEAR(schedule.rate(30, 0), 2e-5, 1e-18);
  EXPECT_NEAR(schedule.rate(515, 0), 1e-5, 1e-18);
  EXPECT_NEAR(schedule.rate(1000, 0), 0, 1e-18);
  const Schedule odd{.form = Form::kWarmupRatioCosine, .peak = 1, .warmup_ratio = 0.03, .steps = 101};
  EXPECT_DOUBLE_EQ(odd.rate(1, 0), 0.25);
  const Schedule none{.form = Form::kWarmupRatioCosine, .peak = 1, .warmup_ratio = 0, .steps = 3};
  EXPECT_NEAR(none.rate(1, 0), 0.75, 1e-12);
}

TEST(Schedule, ConstantIsConstant) {
  const Schedule schedule{.form = Form::kConstant, .peak = 3e-4};
  EXPECT_EQ(schedule.rate(0, 0), 3e-4);
  EXPECT_EQ(schedule.rate(12345, 1), 3e-4);
}

}  // namespace
}  // namespace hilum
