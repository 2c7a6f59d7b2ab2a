// Loss and gradients of the MAIRA-2 form through ops/torch against transformers' (testdata/models/README.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <new>

#include <ATen/TensorOperators.h>

#include "base/file.h"
#include "models/vlm_config.h"
#include "tensor/safetensors.h"
#include "train/objectives/step_runner.h"
#include "train/objectives/tokens.h"

namespace hilum {
namespace {

struct Golden {
  TrainSample sample() const;  // the reference's prompt and answer
  LoadedVlm loaded = load_vlm(fs::path(HILUM_TESTDATA) / "models" / "maira2");
  SafetensorsFile reference{fs::path(HILUM_TESTDATA) / "models" / "maira2" / "reference.safetensors"};
};

TrainSample Golden::sample() const {
  const Tensor ids = reference.tensor("input_ids"), labels = reference.tensor("labels"),
               pixels = reference.tensor("pixel_values");
  TrainSample sample;
  sample.ids.assign(ids.i64(), ids.i64() + ids.shape().count());
  sample.prompt = 0;
  while (labels.i64()[sample.prompt] == -100) ++sample.prompt;
  for (int64_t i = 0; i < labels.shape().count(); ++i)  // the answer is one stretch up to the end, as in our samples
    EXPECT_EQ(labels.i64()[i] != -100, i >= static_cast<int64_t>(sample.prompt));
  sample.images = static_cast<int>(pixels.dim(0));
  sample.pixels.assign(pixels.values().begin(), pixels.values().end());
  return sample;
}

TEST(GoldenTraining, LossAndGradientsMatchTheReference) {
  Golden golden;
  const TrainSample sample = golden.sample();
  TorchOps ops({.threads = 2, .gradients = true});
  FindingsHeads heads(1, 1);  // not used
  TokensObjective objective(*golden.loaded.model, heads, 0);
  std::map<std::string, double> parts;
  const at::Tensor loss = objective.loss_sum(ops, std::span(&sample, 1), parts).div(objective.valid_count(sample));
  const double wanted = golden.reference.tensor("loss").f32()[0];
  EXPECT_NEAR(loss.item<float>(), wanted, 1e-5 * wanted);
  loss.backward();

  size_t compared = 0;
  for (Param* p : objective.params()) {
    const SafetensorsEntry* entry = golden.reference.find("grad." + p->name());
    if (!entry) continue;
    const Tensor want = golden.reference.tensor(*entry);
    const Tensor got = ops.to_host(from_at(ops.leaf(*p).grad()));
    ASSERT_EQ(got.shape().count(), want.shape().count()) << p->name();
    double difference = 0, norm = 0;
    for (size_t i = 0; i < want.values().size(); ++i) {
      difference += std::pow(double{got.values()[i]} - want.values()[i], 2);
      norm += std::pow(double{want.values()[i]}, 2);
    }
    // A key's bias moves no softmax: its gradient is zero but for rounding, so the floor is absolute.
    EXPECT_LE(std::sqrt(difference), 1e-4 * std::sqrt(norm) + 1e-7) << p->name();
    ++compared;
  }
  EXPECT_EQ(compared, 17u);
}

// The real objective; the first `failures` times it is out of memory once its gradients are made.
class FailsAtFirst final : public SumObjective {
 public:
  FailsAtFirst(SumObjective& inner, int failures) : inner_(inner), failures_(failures) {}
  double valid_count(const TrainSample& sample) const override { return inner_.valid_count(sample); }
  at::Tensor loss_sum(
      TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) override {
    const at::Tensor loss = inner_.loss_sum(ops, samples, parts);
    if (failures_-- <= 0) return loss;
    loss.backward();
    throw std::bad_alloc();
  }
  ParamList params() override { return inner_.params(); }

 private:
  SumObjective& inner_;
  int failures_;
};

TEST(StepRunner, AStepThatRanOutOfMemoryIsRunAgainWithTheSameResult) {
  Golden golden;
  const std::vector<TrainSample> batch(2, golden.sample());
  FindingsHeads heads(1, 1);  // not used
  TokensObjective objective(*golden.loaded.model, heads, 0);
  const auto gradient = [&](int failures) {
    TorchOps ops({.threads = 1, .gradients = true});
    FailsAtFirst fails(objective, failures);
    StepRunner(ops, 1, 1, objective.params()).step(fails, batch);
    return ops.to_host(from_at(ops.leaf(*objective.params().front()).grad()));
  };
  const Tensor once = gradient(0), again = gradient(1);
  EXPECT_TRUE(std::ranges::equal(once.values(), again.values()));
  EXPECT_THROW(gradient(2), std::bad_alloc);
}

}  // namespace
}  // namespace hilum
