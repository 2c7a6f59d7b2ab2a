#include "train/optimise/adamw.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

namespace hilum {

AdamW::AdamW(const AdamWConfig& config, std::vector<Entry> entries) : config_(config), entries_(std::move(entries)) {}

void AdamW::clear_gradients() {
  for (Entry& entry : entries_) entry.value.mutable_grad() = at::Tensor();
}

double AdamW::clip_gradients(double max_norm) {
  const c10::AutoGradMode off(false);
  double sum = 0;
  for (const Entry& entry : entries_)
    if (const at::Tensor& gradient = entry.value.grad(); gradient.defined()) {
      const double norm = gradient.norm().item<float>();
      sum += norm * norm;
    }
  const double norm = std::sqrt(sum);
  if (max_norm > 0 && norm > max_norm)
    for (const Entry& entry : entries_)
      if (entry.value.grad().defined()) entry.value.grad().mul_(max_norm / norm);
  return norm;
}

std::vector<std::pair<std::string, double>> AdamW::largest_gradients(size_t count) const {
  const c10::AutoGradMode off(false);
  std::vector<std::pair<std::string, double>> norms;
  for (const Entry& entry : entries_)
    if (const at::Tensor& gradient = entry.value.grad(); gradient.defined())
      norms.emplace_back(entry.name, gradient.norm().item<float>());
  const auto size = [](double norm) { return std::isfinite(norm) ? norm : std::numeric_limits<double>::infinity(); };
  std::stable_sort(
      norms.begin(), norms.end(), [&](const auto& a, const auto& b) { return size(a.second) > size(b.second); });
  if (norms.size() > count) norms.resize(count);
  return norms;
}

void AdamW::step(double learning_rate) {
  const c10::AutoGradMode off(false);
  for (Entry& entry : entries_) {
    if (entry.mean.defined()) continue;
    entry.mean = at::zeros_like(entry.value.detach());
    entry.square = at::zeros_like(entry.value.detach());
  }
  ++steps_;
  const double correct1 = 1 - std::pow(config_.beta1, static_cast<double>(steps_));
  const double correct2 = 1 - std::pow(config_.beta2, static_cast<double>(steps_));
  for (Entry& entry : entries_) {
    const at::Tensor& gradient = entry.value.grad();
    if (!gradient.defined()) continue;
    const double rate = learning_rate * entry.rate_factor;
    if (entry.decay > 0) entry.value.mul_(1 - rate * entry.decay);
    entry.mean.mul_(config_.beta1).add_(gradient, 1 - config_.beta1);
    entry.square.mul_(config_.beta2).addcmul_(gradient, gradient, 1 - config_.beta2);
    const at::Tensor root = entry.square.sqrt().mul_(1 / std::sqrt(correct2)).add_(config_.eps);
    entry.value.addcdiv_(entry.mean, root, -rate / correct1);
  }
}

}  // namespace hilum
