// A step's gradient must not depend on how it is cut into pieces or on the workers.
#include <cmath>

#include <ATen/TensorOperators.h>

#include "base/rng.h"
#include "nn/linear.h"
#include "train/objectives/contrastive.h"
#include "train/objectives/step_runner.h"

#include <gtest/gtest.h>

namespace hilum {
namespace {

constexpr int64_t kIn = 5, kOut = 4;

// Two towers of two layers on made-up features, and a temperature.
class TwoTowers final : public PairObjective {
 public:
  TwoTowers() {
    Rng rng(8);
    for (Param* p : params()) {
      Tensor values = Tensor::host(p->shape());
      for (float& value : values.values()) value = static_cast<float>(0.6 * rng.normal());
      p->set_data(std::move(values));
    }
  }
  ParamList params() override {
    ParamList list;
    for (Linear* layer : {&image_in_, &image_out_, &text_in_, &text_out_}) layer->params(list);
    list.push_back(&log_scale_);
    return list;
  }
  std::vector<at::Tensor> embed(TorchOps& ops, std::span<const TrainSample> samples) override {
    const auto b = static_cast<int64_t>(samples.size());
    Tensor image = Tensor::host({b, kIn}), text = Tensor::host({b, kIn});
    for (int64_t row = 0; row < b; ++row) {
      const TrainSample& sample = samples[static_cast<size_t>(row)];
      std::copy_n(sample.pixels.begin(), kIn, image.f32() + row * kIn);
      std::copy_n(sample.embedding.begin(), kIn, text.f32() + row * kIn);
    }
    const auto tower = [&](const Linear& in, const Linear& out, const Tensor& x) {
      return at_tensor(ops.l2_normalize(out.forward(ops, ops.gelu(in.forward(ops, ops.from_host(x))))));
    };
    return {tower(image_in_, image_out_, image), tower(text_in_, text_out_, text)};
  }
  at::Tensor loss(TorchOps& ops, const std::vector<at::Tensor>& embeddings, std::span<const TrainSample> samples,
      std::map<std::string, double>& parts) override {
    parts["pairs"] += static_cast<double>(samples.size());
    if (!by_class) return clip_loss(embeddings[0], embeddings[1], ops.leaf(log_scale_));
    std::vector<int64_t> classes;
    for (const TrainSample& sample : samples) classes.push_back(static_cast<int64_t>(sample.labels[0]));
    return unicl_loss(embeddings[0], embeddings[1], ops.leaf(log_scale_), unicl_classes(classes));
  }
  void freeze_texts() {
    for (Param* p : {&text_in_.weight, &text_in_.bias, &text_out_.weight, &text_out_.bias}) p->frozen = true;
  }
  bool by_class = false;

 private:
  Linear image_in_{"image.in", kIn, 7, true}, image_out_{"image.out", 7, kOut, true};
  Linear text_in_{"text.in", kIn, 7, true}, text_out_{"text.out", 7, kOut, true};
  Param log_scale_{"logit_scale", Shape{1}};
};

std::vector<TrainSample> pairs(size_t count) {
  Rng rng(21);
  std::vector<TrainSample> all(count);
  for (TrainSample& sample : all) {
    for (int64_t i = 0; i < kIn; ++i) {
      sample.pixels.push_back(static_cast<float>(rng.normal()));
      sample.embedding.push_back(static_cast<float>(rng.normal()));
    }
    sample.labels = {static_cast<float>(rng.below(3))};
  }
  return all;
}

struct Outcome {
  StepResult result;
  std::vector<float> gradient;  // of all parameters, zero where there is none
};

Outcome outcome(TwoTowers& towers, size_t count, int64_t micro_batch, int workers) {
  TorchOps ops({.threads = 1, .gradients = true});
  const std::vector<TrainSample> samples = pairs(count);
  Outcome out{StepRunner(ops, workers, micro_batch, towers.params()).step(towers, samples), {}};
  for (const Param* p : towers.params()) {
    const at::Tensor gradient = ops.leaf(*p).grad();
    for (int64_t i = 0; i < p->shape().count(); ++i)
      out.gradient.push_back(gradient.defined() ? gradient.contiguous().data_ptr<float>()[i] : 0.0f);
  }
  return out;
}

void expect_same(const Outcome& got, const Outcome& want, const std::string& what) {
  EXPECT_NEAR(got.result.loss, want.result.loss, 1e-6) << what;
  EXPECT_EQ(got.result.parts.at("pairs"), 1) << what;
  EXPECT_EQ(got.result.units, want.result.units) << what;
  for (size_t i = 0; i < want.gradient.size(); ++i) EXPECT_NEAR(got.gradient[i], want.gradient[i], 1e-6) << what << i;
}

TEST(PairObjective, PiecesGiveTheGradientOfTheWholeStep) {
  TwoTowers towers;
  for (const bool by_class : {false, true}) {
    towers.by_class = by_class;
    const Outcome whole = outcome(towers, 8, 8, 1);
    double size = 0;
    for (const float g : whole.gradient) size += std::fabs(g);
    EXPECT_GT(size, 0.1);
    for (const int64_t micro : {1, 2, 3, 4, 8})
      for (const int workers : {1, 2, 3})
        expect_same(outcome(towers, 8, micro, workers), whole,
            "pieces of " + std::to_string(micro) + ", " + std::to_string(workers) + " workers, value ");
  }
}

TEST(PairObjective, AStepWithAFrozenTowerTrainsTheOther) {
  TwoTowers towers;
  towers.freeze_texts();
  expect_same(outcome(towers, 6, 2, 2), outcome(towers, 6, 6, 1), "value ");
}

}  // namespace
}  // namespace hilum
