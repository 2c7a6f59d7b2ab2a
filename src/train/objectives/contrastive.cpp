#include "train/objectives/contrastive.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/log_softmax.h>

#include "base/error.h"

namespace hilum {
namespace {

// [B, B] a row an image, a column a text.
at::Tensor scaled_cosines(const at::Tensor& images, const at::Tensor& texts, const at::Tensor& log_scale) {
  invariant(images.dim() == 2 && images.sizes() == texts.sizes(), "as many images as texts, as wide");
  return images.matmul(texts.t()) * log_scale.exp();
}

// [B, B] 1 where both pairs are of one class, like `logits` in type and place.
at::Tensor same_class(std::span<const int64_t> classes, const at::Tensor& logits) {
  const auto b = static_cast<int64_t>(classes.size());
  invariant(logits.size(0) == b, "a class a pair");
  at::Tensor same = at::empty({b, b}, at::kDouble);
  double* to = same.data_ptr<double>();
  for (const int64_t row : classes)
    for (const int64_t column : classes) *to++ = row == column ? 1 : 0;
  return same.to(logits.device(), logits.scalar_type());
}

}  // namespace

at::Tensor clip_loss(const at::Tensor& images, const at::Tensor& texts, const at::Tensor& log_scale) {
  const at::Tensor logits = scaled_cosines(images, texts, log_scale);
  const at::Tensor of_images = at::log_softmax(logits, 1).diagonal().mean();
  const at::Tensor of_texts = at::log_softmax(logits, 0).diagonal().mean();
  return (of_images + of_texts) * -0.5;
}

at::Tensor unicl_loss(
    const at::Tensor& images, const at::Tensor& texts, const at::Tensor& log_scale, std::span<const int64_t> classes) {
  const at::Tensor logits = scaled_cosines(images, texts, log_scale);
  const at::Tensor same = same_class(classes, logits);
  const at::Tensor count = same.sum(1);  // [B] |P(i)|; the matrix is symmetric
  const at::Tensor of_images = ((at::log_softmax(logits, 1) * same).sum(1) / count).mean();
  const at::Tensor of_texts = ((at::log_softmax(logits, 0) * same).sum(0) / count).mean();
  return (of_images + of_texts) * -0.5;
}

std::vector<int64_t> unicl_classes(std::span<const int64_t> labels) {
  int64_t next = 1;
  for (const int64_t label : labels) {
    check(
        label >= 0, "a pair's class", [&] { return "is " + std::to_string(label); },
        "0 is a caption, a class is 1 or more.");
    next = std::max(next, label + 1);
  }
  std::vector<int64_t> classes(labels.begin(), labels.end());
  for (int64_t& one : classes)
    if (one == 0) one = next++;
  return classes;
}

}  // namespace hilum
