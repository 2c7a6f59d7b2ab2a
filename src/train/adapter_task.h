// Adapters as something the one loop trains: a linear or MLP head on standardised embeddings. E embedding width, K
// labels.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/rng.h"
#include "engine/embed/adapter.h"
#include "nn/linear.h"
#include "train/adapter_data.h"
#include "train/train_task.h"

namespace hilum {

// The layers while they are trained. E -> hidden ... -> K, exact GELU between.
class AdapterHead {
 public:
  AdapterHead(int64_t width, const std::vector<int>& hidden, int64_t labels);
  // PyTorch's default: uniform within 1 / sqrt(in), weights and biases alike.
  void initialise(uint64_t seed);
  Tensor forward(Ops& ops, Tensor x) const;  // [B, E] -> logits [B, K]
  ParamList params();
  std::vector<Adapter::Layer> layers() const;  // the Params' data

 private:
  std::deque<Linear> layers_;
};

struct AdapterRun {
  Adapter adapter;
  AdapterMetrics train, validate;
  int64_t epoch = 0;  // whose weights were kept, 1-based; 0: not trained in epochs
};

class AdapterTask final : public TrainTask {
 public:
  // Fills in what the adapter knows before it is trained: kind, labels, standardisation. All three outlive this.
  AdapterTask(const AdapterRecipe& recipe, const AdapterData& data, AdapterRun& run);

  ParamList params() override { return head_.params(); }
  void initialise_params(const ParamList& params) override;
  std::unique_ptr<Objective> objective(size_t stage) override;
  TrainSample sample(size_t stage, uint64_t index) const override;
  uint64_t epoch_samples() const override { return static_cast<uint64_t>(data_.train.count); }
  // By the loss: areas and accuracies are flat long before the scores are probabilities.
  std::optional<Validation> validate() override;
  // adapter.safetensors, and the log's last line: the figures of both sides. Regression and neighbours are made here,
  // for they take no steps.
  void write_result(const TrainOptions& options, const RunState& state) override;

 private:
  // The training study at `index` of the stage: each epoch shuffles the order of the one before.
  size_t row(uint64_t index) const;

  const AdapterRecipe& recipe_;
  const AdapterData& data_;
  AdapterRun& run_;
  AdapterHead head_;
  std::vector<float> x_;  // [N, E] standardised

  mutable std::mutex mutex_;
  mutable Rng rng_;
  mutable std::vector<size_t> order_;                          // of the epoch shuffled last
  mutable std::map<uint64_t, std::vector<size_t>> of_epochs_;  // the last few, by epoch
};

// What chose the epoch whose weights are kept; empty where nothing is trained in epochs.
std::string kept_by(const AdapterRecipe& recipe, const AdapterData& data);

}  // namespace hilum
