// Letters: n samples of a step, b of a piece; an embedding is [n, ...] or [b, ...].
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <c10/core/GradMode.h>

#include "base/error.h"
#include "train/objectives/step_runner.h"

namespace hilum {
namespace {

// The embeddings of all pieces, one kind after the other, each cut off from what made it and ready for a gradient.
std::vector<at::Tensor> cut_off(const std::vector<std::vector<at::Tensor>>& pieces) {
  std::vector<at::Tensor> all;
  for (size_t kind = 0; kind < pieces.front().size(); ++kind) {
    std::vector<at::Tensor> rows;
    for (const std::vector<at::Tensor>& piece : pieces) rows.push_back(piece[kind]);
    all.push_back(at::cat(rows).detach().requires_grad_(true));
  }
  return all;
}

}  // namespace

StepResult PairObjective::step(StepRunner& run, std::span<const TrainSample> samples) {
  const auto n = static_cast<double>(samples.size());
  StepResult result{.units = n};
  if (run.pieces(samples.size()) == 1)
    return run.for_each_piece(
        samples, n, [&](TorchOps& ops, std::span<const TrainSample> piece, size_t, StepResult& sums) {
          const at::Tensor mean = loss(ops, embed(ops, piece), piece, sums.parts);
          mean.backward();
          sums.loss += mean.item<double>();
        });

  std::vector<std::vector<at::Tensor>> pieces(run.pieces(samples.size()));
  run.for_each_piece(samples, n, [&](TorchOps& ops, std::span<const TrainSample> piece, size_t first, StepResult&) {
    const c10::AutoGradMode off(false);
    pieces[first / run.micro_batch()] = embed(ops, piece);
  });

  const std::vector<at::Tensor> cached = cut_off(pieces);
  pieces.clear();
  std::map<std::string, double> parts;
  const at::Tensor mean = loss(run.main(), cached, samples, parts);
  mean.backward();
  result.loss = mean.item<double>();
  for (const auto& [name, value] : parts) result.parts[name] = value / n;

  run.for_each_piece(samples, n, [&](TorchOps& ops, std::span<const TrainSample> piece, size_t first, StepResult&) {
    const std::vector<at::Tensor> again = embed(ops, piece);
    at::Tensor led_on;  // a scalar whose gradient is that of the loss by these rows
    for (size_t kind = 0; kind < again.size(); ++kind) {
      if (!again[kind].requires_grad() || !cached[kind].grad().defined()) continue;  // a frozen tower
      const at::Tensor gradient =
          cached[kind].grad().narrow(0, static_cast<int64_t>(first), static_cast<int64_t>(piece.size()));
      const at::Tensor share = (again[kind] * gradient).sum();
      led_on = led_on.defined() ? led_on + share : share;
    }
    if (led_on.defined()) led_on.backward();
  });
  return result;
}

}  // namespace hilum
