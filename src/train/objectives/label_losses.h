// Losses on labels and values, some of which are not known (not a number): those count for nothing. B samples, K labels
// or values; outputs and answers are [B, K] of one float type. Each is a sum in the autograd graph, over known cells
// (known_cells() of them) or samples; the caller divides.
#pragma once

#include <span>
#include <string>

#include <ATen/core/Tensor.h>

namespace hilum {

// Binary cross-entropy of each known label on its own, from logits.
at::Tensor label_loss_sum(const at::Tensor& logits, const at::Tensor& labels);
// Cross-entropy of one class of K for each sample: `classes` has a 1 a row, else 0.
at::Tensor class_loss_sum(const at::Tensor& logits, const at::Tensor& classes);
// Smooth L1 of known values: with d the distance, d * d / (2 beta) below `beta`, else d - beta / 2. Values are judged
// by their mean absolute error, so L1 is what is wanted; but its gradient is as large beside the answer as far from it,
// so that small steps never settle, and it has none at the answer.
at::Tensor value_loss_sum(const at::Tensor& outputs, const at::Tensor& values, double beta);

double known_cells(std::span<const float> answers);

// Normal against abnormal out of a study's labels: 1 where any pathology is present, 0 where "No Finding" is and none
// is, else not known. "Support Devices" is no pathology. `names` stand beside `labels` (CheXpert's).
float abnormal_label(std::span<const float> labels, std::span<const std::string> names);

}  // namespace hilum
