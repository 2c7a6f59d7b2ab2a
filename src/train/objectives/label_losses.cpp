#include "train/objectives/label_losses.h"

#include <algorithm>
#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/smooth_l1_loss.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include "base/error.h"

namespace hilum {
namespace {

// The sum of each(answers) over the cells whose answer is known. The others are computed with an answer of 0 and then
// left out: a gradient through "not a number" would be none.
template <typename Each>
at::Tensor sum_of_known(const at::Tensor& answers, const Each& each) {
  const at::Tensor unknown = at::isnan(answers);
  const at::Tensor cells = each(at::where(unknown, at::zeros_like(answers), answers));
  return at::where(unknown, at::zeros_like(cells), cells).sum();
}

}  // namespace

at::Tensor label_loss_sum(const at::Tensor& logits, const at::Tensor& labels) {
  return sum_of_known(labels, [&](const at::Tensor& known) {
    return at::binary_cross_entropy_with_logits(logits, known, {}, {}, at::Reduction::None);
  });
}

at::Tensor class_loss_sum(const at::Tensor& logits, const at::Tensor& classes) {
  return -(at::log_softmax(logits, 1) * classes).sum();
}

at::Tensor value_loss_sum(const at::Tensor& outputs, const at::Tensor& values, double beta) {
  return sum_of_known(
      values, [&](const at::Tensor& known) { return at::smooth_l1_loss(outputs, known, at::Reduction::None, beta); });
}

double known_cells(std::span<const float> answers) {
  return static_cast<double>(std::count_if(answers.begin(), answers.end(), [](float v) { return !std::isnan(v); }));
}

float abnormal_label(std::span<const float> labels, std::span<const std::string> names) {
  invariant(labels.size() == names.size(), "a name a label");
  bool normal = false;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != 1 || names[i] == "Support Devices") continue;
    if (names[i] != "No Finding") return 1;
    normal = true;
  }
  return normal ? 0 : std::nanf("");
}

}  // namespace hilum
