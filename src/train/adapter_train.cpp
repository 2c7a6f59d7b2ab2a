#include "train/adapter_train.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

#include <ATen/TensorOperators.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/rng.h"
#include "nn/linear.h"
#include "ops/torch/torch_ops.h"
#include "search/top_k.h"
#include "train/optimise/adamw.h"

namespace hilum {
namespace {

// The layers while they are trained. E -> hidden ... -> K, exact GELU between.
class Head {
 public:
  Head(int64_t width, const std::vector<int>& hidden, int64_t labels, uint64_t seed) {
    Rng rng(seed, 5);
    int64_t in = width;
    for (size_t i = 0; i <= hidden.size(); ++i) {
      const int64_t out = i < hidden.size() ? hidden[i] : labels;
      layers_.emplace_back("layers." + std::to_string(i), in, out, true);
      // PyTorch's default: uniform within 1 / sqrt(in), weights and biases alike.
      const double bound = 1 / std::sqrt(static_cast<double>(in));
      for (Param* param : {&layers_.back().weight, &layers_.back().bias}) {
        Tensor values = Tensor::host(param->shape());
        for (float& value : values.values()) value = static_cast<float>(rng.uniform(-bound, bound));
        param->set_data(std::move(values));
      }
      in = out;
    }
  }
  // x [B, E] -> logits [B, K]
  Tensor forward(Ops& ops, Tensor x) const {
    for (size_t i = 0; i < layers_.size(); ++i) x = layers_[i].forward(ops, i > 0 ? ops.gelu(x) : x);
    return x;
  }
  ParamList params() {
    ParamList list;
    for (Linear& layer : layers_) layer.params(list);
    return list;
  }
  // Copies, so that training may go on.
  std::vector<Adapter::Layer> layers(TorchOps& ops) {
    std::vector<Adapter::Layer> out;
    for (Linear& layer : layers_)
      out.push_back(
          {ops.to_host(from_at(ops.leaf(layer.weight).detach())), ops.to_host(from_at(ops.leaf(layer.bias).detach()))});
    return out;
  }

 private:
  std::deque<Linear> layers_;
};

// Mean over the cells that are known. logits, y [B, K].
at::Tensor loss_of(const at::Tensor& logits, const at::Tensor& y, Adapter::Output output) {
  if (output == Adapter::Output::kExclusive)
    return -(at::log_softmax(logits, 1) * y).sum() / static_cast<double>(y.size(0));
  const at::Tensor unknown = at::isnan(y);
  const at::Tensor cells = at::binary_cross_entropy_with_logits(
      logits, at::where(unknown, at::zeros_like(y), y), {}, {}, /*reduction none*/ 0);
  return at::where(unknown, at::zeros_like(cells), cells).sum() /
         std::max(1.0, static_cast<double>(y.numel()) - unknown.sum().item<double>());
}

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

Tensor rows_of(const std::vector<float>& from, int64_t width, std::span<const size_t> which) {
  Tensor out = Tensor::host({static_cast<int64_t>(which.size()), width});
  float* to = out.f32();
  for (const size_t row : which) to = std::copy_n(from.data() + row * static_cast<size_t>(width), width, to);
  return out;
}

void train_layers(const AdapterRecipe& recipe, const AdapterData& data, const std::string& device,
    const std::function<void(const std::string&)>& log, AdapterRun& run) {
  Adapter& adapter = run.adapter;
  const auto k = static_cast<int64_t>(data.labels.size());
  fit_standardization(data.train, data.width, adapter.mean, adapter.scale);
  std::vector<float> x = data.train.x;
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t column = i % static_cast<size_t>(data.width);
    x[i] = (x[i] - adapter.mean[column]) / adapter.scale[column];
  }
  TorchOps ops({.device = device, .threads = recipe.run.threads, .gradients = true});
  Head head(data.width, recipe.adapter.hidden, k, recipe.run.seed);
  const AdapterRecipe::Optimizer& o = recipe.optimizer;
  std::vector<AdamW::Entry> entries;
  for (const Param* param : head.params())
    entries.push_back({.name = param->name(), .value = ops.leaf(*param), .decays = param->shape().rank() == 2});
  AdamW optimizer({o.beta1, o.beta2, o.eps, o.weight_decay}, std::move(entries));

  std::vector<size_t> order(static_cast<size_t>(data.train.count));
  std::iota(order.begin(), order.end(), 0);
  Rng rng(recipe.run.seed, 9);
  double best = 0;
  Progress bar("train " + recipe.run.name, o.epochs, "epochs");
  for (int epoch = 1; epoch <= o.epochs; ++epoch) {
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(static_cast<uint32_t>(i))]);
    double sum = 0;
    for (size_t first = 0; first < order.size(); first += static_cast<size_t>(o.batch)) {
      const std::span<const size_t> batch(
          order.data() + first, std::min(static_cast<size_t>(o.batch), order.size() - first));
      optimizer.clear_gradients();
      const Tensor logits = head.forward(ops, ops.from_host(rows_of(x, data.width, batch)));  // [B, K]
      const at::Tensor loss =
          loss_of(at_tensor(logits), at_tensor(ops.from_host(rows_of(data.train.y, k, batch))), data.output);
      loss.backward();
      const double value = loss.item<double>();
      if (!std::isfinite(value))
        throw Error(fmt::format("{}, epoch {}", recipe.run.name, epoch), "the loss is not finite",
            "Lower optimizer.learning_rate.");
      optimizer.step(o.learning_rate);
      sum += value * static_cast<double>(batch.size());
    }
    Adapter now = adapter;
    now.layers = head.layers(ops);
    const AdapterMetrics m = measure_adapter(scores_of(now, data.validate), data, data.validate);
    // By the loss: areas and accuracies are flat long before the scores are probabilities.
    if (o.select == "last" || epoch == 1 || m.loss < best) {
      best = m.loss;
      adapter.layers = now.layers;
      run.epoch = epoch;
    }
    const double loss = sum / static_cast<double>(order.size());
    log(Json{{"epoch", epoch}, {"loss", loss}, {"validate", metrics_json(m, data.output)}}.dump());
    bar.update(epoch, fmt::format("loss {:.4f}  AUROC {:.3f}", loss, m.auroc));
  }
}

// Ridge regression of each target on the standardised values: weights (XᵀX + ridge · n · I)⁻¹ Xᵀ(y - mean y), in
// double.
void fit_regression(const AdapterRecipe& recipe, const AdapterData& data, Adapter& adapter) {
  fit_standardization(data.train, data.width, adapter.mean, adapter.scale);
  const auto k = static_cast<int64_t>(data.labels.size());
  Adapter::Layer layer{Tensor::host({k, data.width}), Tensor::host({k})};
  for (int64_t i = 0; i < k; ++i) {
    std::vector<double> x, y;
    for (int64_t n = 0; n < data.train.count; ++n) {
      const float target = data.train.y[static_cast<size_t>(n * k + i)];
      if (std::isnan(target)) continue;
      y.push_back(target);
      for (int64_t j = 0; j < data.width; ++j) {
        const auto column = static_cast<size_t>(j);
        x.push_back((double{data.train.x[static_cast<size_t>(n * data.width + j)]} - adapter.mean[column]) /
                    adapter.scale[column]);
      }
    }
    if (y.size() < 2)
      throw Error("data.names", "\"" + data.labels[static_cast<size_t>(i)] + "\" is known of " +
                                    std::to_string(y.size()) + " training studies");
    const auto count = static_cast<int64_t>(y.size());
    const at::Tensor rows = at::from_blob(x.data(), {count, data.width}, at::kDouble),
                     values = at::from_blob(y.data(), {count, 1}, at::kDouble);
    const at::Tensor row_mean = rows.mean(0, true),
                     centred = rows -
                               row_mean;  // the standardisation's mean is of all studies, not of those with this target
    const double middle = values.mean().item<double>();
    const at::Tensor gram = centred.t().mm(centred) +
                            at::eye(data.width, at::kDouble) * (recipe.adapter.ridge * static_cast<double>(count));
    const at::Tensor weights = at::linalg_solve(gram, centred.t().mm(values - middle));  // [E, 1]
    check(std::isfinite(weights.sum().item<double>()), "adapter.ridge",
        "is too small for these embeddings: the weights are not finite", "Give it a larger value.");
    for (int64_t j = 0; j < data.width; ++j) layer.weight.f32()[i * data.width + j] = weights[j][0].item<float>();
    layer.bias.f32()[i] = static_cast<float>(middle - row_mean.mm(weights).item<double>());
  }
  adapter.layers = {std::move(layer)};
}

void keep_neighbours(const AdapterRecipe& recipe, const AdapterData& data, Adapter& adapter) {
  adapter.vectors = data.train.x;
  adapter.targets = data.train.y;
  const auto width = static_cast<size_t>(data.width);
  for (size_t n = 0; n < static_cast<size_t>(data.train.count); ++n)
    normalize_vector({adapter.vectors.data() + n * width, width});
  adapter.neighbours = static_cast<int>(std::min<int64_t>(recipe.adapter.neighbours, data.train.count));
  adapter.weighted = recipe.adapter.weighting == "distance";
}

// What chose the epoch whose weights are kept; empty where nothing is trained in epochs.
std::string kept_by(const AdapterRecipe& recipe, const AdapterData& data) {
  if (recipe.optimizer.epochs == 0) return "";
  if (recipe.optimizer.select == "last") return "the last epoch";
  return fmt::format(
      "the least loss on the {} validation studies, which the validation figures are of too", data.validate.count);
}

}  // namespace

AdapterRun train_adapter(const AdapterRecipe& recipe, const AdapterData& data, const std::string& device,
    const std::function<void(const std::string&)>& log) {
  AdapterRun run;
  Adapter& adapter = run.adapter;
  const std::string& kind = recipe.adapter.kind;
  adapter.kind = kind == "knn" ? Adapter::Kind::kKnn : kind == "mlp" ? Adapter::Kind::kMlp : Adapter::Kind::kLinear;
  adapter.output = data.output;
  adapter.labels = data.labels;
  adapter.model = data.model;
  adapter.weights_sha256 = data.weights_sha256;
  if (kind == "knn") keep_neighbours(recipe, data, adapter);
  else if (kind == "regression") fit_regression(recipe, data, adapter);
  else train_layers(recipe, data, device, log, run);
  run.train = measure_adapter(scores_of(adapter, data.train), data, data.train);
  run.validate = measure_adapter(scores_of(adapter, data.validate), data, data.validate);
  log(Json{{"kept_epoch", run.epoch}, {"kept_by", kept_by(recipe, data)}, {"train_studies", data.train.count},
      {"validate_studies", data.validate.count}, {"dropped_studies", data.dropped},
      {"train", metrics_json(run.train, data.output)}, {"validate", metrics_json(run.validate, data.output)}}
          .dump());
  return run;
}

int run_adapter_training(const TrainRequest& request) {
  const AdapterRecipe recipe = read_adapter_recipe(request.recipe, request.overrides);
  check(request.start_from.empty(), "--start-from", "an adapter is trained on embeddings, from nothing",
      "Start it again without --start-from.");
  check(!request.resume, "--resume", "an adapter trains in one go", "Start it again without --resume.");
  const fs::path file = request.output / kAdapterFile;
  check(!fs::exists(file), request.output.c_str(), "holds an adapter already", "Give another -o.");
  const AdapterData data = read_adapter_data(recipe);
  if (data.weights_sha256.empty())
    log_warning(
        recipe.data.embeddings + ".json is not there: the adapter will not know which model's embeddings it is for");
  std::string lines;
  const AdapterRun run =
      train_adapter(recipe, data, request.device, [&](const std::string& line) { lines += line + "\n"; });
  fs::create_directories(request.output);
  write_file(request.output / "recipe.toml", recipe.text);
  write_file(request.output / "train.jsonl", lines);
  save_adapter(file, run.adapter);
  const AdapterMetrics& m = run.validate;
  log_info(
      data.output == Adapter::Output::kValue
          ? fmt::format("{} validation studies: mean absolute error {:.3f} (always the median: {:.3f})",
                data.validate.count, m.mean_error, m.median_error)
          : fmt::format("{} validation studies: AUROC {:.3f}, accuracy {:.3f} (always the most common answer: {:.3f})",
                data.validate.count, m.auroc, m.accuracy, m.majority));
  if (const std::string why = kept_by(recipe, data); !why.empty())
    log_info(fmt::format("weights of epoch {} of {} kept: {}", run.epoch, recipe.optimizer.epochs, why));
  log_info("adapter written to " + file.string());
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace hilum
