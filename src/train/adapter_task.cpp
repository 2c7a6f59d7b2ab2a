#include "train/adapter_task.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "ops/torch/torch_ops.h"
#include "train/adapter_fit.h"
#include "train/objectives/label_losses.h"
#include "train/train_log.h"

namespace hilum {
namespace {

// [B, width] of the samples' vectors.
Tensor stack(std::span<const TrainSample> samples, std::vector<float> TrainSample::* field) {
  const auto width = static_cast<int64_t>((samples[0].*field).size());
  Tensor out = Tensor::host({static_cast<int64_t>(samples.size()), width});
  float* to = out.f32();
  for (const TrainSample& sample : samples) to = std::copy_n((sample.*field).begin(), width, to);
  return out;
}

// Mean over the cells that are known, or over the studies where labels exclude each other.
class AdapterObjective final : public SumObjective {
 public:
  AdapterObjective(AdapterHead& head, Adapter::Output output)
      : head_(head), exclusive_(output == Adapter::Output::kExclusive) {}
  ParamList params() override { return head_.params(); }
  double valid_count(const TrainSample& sample) const override { return exclusive_ ? 1 : known_cells(sample.labels); }
  at::Tensor loss_sum(TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>&) override {
    const at::Tensor logits = at_tensor(head_.forward(ops, ops.from_host(stack(samples, &TrainSample::embedding))));
    const at::Tensor answers = at_tensor(ops.from_host(stack(samples, &TrainSample::labels)));
    return exclusive_ ? class_loss_sum(logits, answers) : label_loss_sum(logits, answers);
  }

 private:
  AdapterHead& head_;
  bool exclusive_;
};

std::vector<float> scores_of(const Adapter& adapter, const AdapterSet& set) {
  std::vector<float> out;
  const auto width = static_cast<size_t>(adapter.width());
  for (size_t n = 0; n < static_cast<size_t>(set.count); ++n)
    for (const auto& [label, score] : adapter.scores({set.x.data() + n * width, width}))
      out.push_back(static_cast<float>(score));
  return out;
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json metrics_json(const AdapterMetrics& m, Adapter::Output output) {
  if (output == Adapter::Output::kValue)
    return {
        {"mean_absolute_error", number(m.mean_error)}, {"mean_absolute_error_of_the_median", number(m.median_error)}};
  return {{"loss", number(m.loss)}, {"auroc", number(m.auroc)}, {"accuracy", number(m.accuracy)},
      {"majority", number(m.majority)}};
}

}  // namespace

AdapterHead::AdapterHead(int64_t width, const std::vector<int>& hidden, int64_t labels) {
  int64_t in = width;
  for (size_t i = 0; i <= hidden.size(); ++i) {
    const int64_t out = i < hidden.size() ? hidden[i] : labels;
    layers_.emplace_back("layers." + std::to_string(i), in, out, true);
    in = out;
  }
}

void AdapterHead::initialise(uint64_t seed) {
  Rng rng(seed, 5);
  for (Linear& layer : layers_) {
    const double bound = 1 / std::sqrt(static_cast<double>(layer.weight.shape()[1]));
    for (Param* param : {&layer.weight, &layer.bias}) {
      Tensor values = Tensor::host(param->shape());
      for (float& value : values.values()) value = static_cast<float>(rng.uniform(-bound, bound));
      param->set_data(std::move(values));
    }
  }
}

Tensor AdapterHead::forward(Ops& ops, Tensor x) const {
  for (size_t i = 0; i < layers_.size(); ++i) x = layers_[i].forward(ops, i > 0 ? ops.gelu(x) : x);
  return x;
}

ParamList AdapterHead::params() {
  ParamList list;
  for (Linear& layer : layers_) layer.params(list);
  return list;
}

std::vector<Adapter::Layer> AdapterHead::layers() const {
  std::vector<Adapter::Layer> out;
  for (const Linear& layer : layers_) out.push_back({layer.weight.data(), layer.bias.data()});
  return out;
}

AdapterTask::AdapterTask(const AdapterRecipe& recipe, const AdapterData& data, AdapterRun& run)
    : recipe_(recipe),
      data_(data),
      run_(run),
      head_(data.width, recipe.adapter.hidden, static_cast<int64_t>(data.labels.size())),
      rng_(recipe.core.run.seed, 9) {
  Adapter& adapter = run_.adapter;
  const std::string& kind = recipe.adapter.kind;
  adapter.kind = kind == "knn" ? Adapter::Kind::kKnn : kind == "mlp" ? Adapter::Kind::kMlp : Adapter::Kind::kLinear;
  adapter.output = data.output;
  adapter.labels = data.labels;
  adapter.model = data.model;
  adapter.weights_sha256 = data.weights_sha256;
  if (recipe.core.stages.empty()) return;
  fit_standardization(data.train, data.width, adapter.mean, adapter.scale);
  x_ = data.train.x;
  for (size_t i = 0; i < x_.size(); ++i) {
    const size_t column = i % static_cast<size_t>(data.width);
    x_[i] = (x_[i] - adapter.mean[column]) / adapter.scale[column];
  }
}

void AdapterTask::initialise_params(const ParamList&) { head_.initialise(recipe_.core.run.seed); }

std::unique_ptr<Objective> AdapterTask::objective(size_t) {
  return std::make_unique<AdapterObjective>(head_, data_.output);
}

size_t AdapterTask::row(uint64_t index) const {
  constexpr size_t kKept = 16;  // more than loader threads are ever apart
  const uint64_t epoch = index / epoch_samples();
  const std::lock_guard lock(mutex_);
  if (!of_epochs_.empty() && epoch < of_epochs_.begin()->first) of_epochs_.clear();  // another run of the stage
  if (of_epochs_.empty()) {
    rng_ = Rng(recipe_.core.run.seed, 9);
    order_.resize(epoch_samples());
    std::iota(order_.begin(), order_.end(), size_t{0});
  }
  for (uint64_t next = of_epochs_.empty() ? 0 : of_epochs_.rbegin()->first + 1; next <= epoch; ++next) {
    for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[rng_.below(static_cast<uint32_t>(i))]);
    of_epochs_[next] = order_;
    if (of_epochs_.size() > kKept) of_epochs_.erase(of_epochs_.begin());
  }
  return of_epochs_.at(epoch)[index % epoch_samples()];
}

TrainSample AdapterTask::sample(size_t, uint64_t index) const {
  const size_t study = row(index), width = static_cast<size_t>(data_.width), k = data_.labels.size();
  TrainSample sample;
  if (!data_.train.ids.empty()) sample.id = data_.train.ids[study];
  sample.embedding.assign(x_.data() + study * width, x_.data() + (study + 1) * width);
  sample.labels.assign(data_.train.y.data() + study * k, data_.train.y.data() + (study + 1) * k);
  return sample;
}

std::optional<Validation> AdapterTask::validate() {
  Adapter now = run_.adapter;
  now.layers = head_.layers();
  const AdapterMetrics m = measure_adapter(scores_of(now, data_.validate), data_, data_.validate);
  return Validation{
      .score = m.loss, .metrics = metrics_json(m, data_.output).dump(), .note = fmt::format("AUROC {:.3f}", m.auroc)};
}

std::string kept_by(const AdapterRecipe& recipe, const AdapterData& data) {
  if (recipe.core.stages.empty()) return "";
  const StageRecipe::Keep keep = recipe.core.stages[0].keep;
  if (keep == StageRecipe::Keep::kLast) return "the last epoch";
  if (keep == StageRecipe::Keep::kAverage) return "the weights' average";
  return fmt::format(
      "the least loss on the {} validation studies, which the validation figures are of too", data.validate.count);
}

void AdapterTask::write_result(const TrainOptions& options, const RunState& state) {
  if (recipe_.adapter.kind == "knn") keep_neighbours(recipe_, data_, run_.adapter);
  else if (recipe_.adapter.kind == "regression") fit_regression(recipe_, data_, run_.adapter);
  else run_.adapter.layers = head_.layers();
  run_.epoch = state.kept_epoch;
  run_.train = measure_adapter(scores_of(run_.adapter, data_.train), data_, data_.train);
  run_.validate = measure_adapter(scores_of(run_.adapter, data_.validate), data_, data_.validate);
  append_log(options.output,
      Json{{"kept_epoch", run_.epoch}, {"kept_by", kept_by(recipe_, data_)}, {"train_studies", data_.train.count},
          {"validate_studies", data_.validate.count}, {"dropped_studies", data_.dropped},
          {"train", metrics_json(run_.train, data_.output)}, {"validate", metrics_json(run_.validate, data_.output)}});
  save_adapter(options.output / kAdapterFile, run_.adapter);
}

}  // namespace hilum
