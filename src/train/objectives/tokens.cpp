// Letters: B samples, N images, P patches, D encoder width, A answer tokens, V vocabulary.
#include "train/objectives/tokens.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss.h>

#include "train/objectives/pixels.h"

namespace hilum {

at::Tensor TokensObjective::loss_sum(
    TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) {
  VlmBatch batch;
  std::vector<int64_t> targets;   // [A]
  std::vector<float> weights;     // [A]
  std::vector<int32_t> frontals;  // [B] their places among the images
  int32_t images = 0, slot = 0;
  for (const TrainSample& sample : samples) {
    frontals.push_back(images);
    images += sample.images;
    const size_t last = sample.ids.size() - 1;  // the last token is only a target
    for (size_t i = 0; i < last; ++i) {
      if (i + 1 >= sample.prompt) {
        batch.logit_rows.push_back(static_cast<int32_t>(batch.ids.size()));
        targets.push_back(sample.ids[i + 1]);
        weights.push_back(sample.weights.empty() ? 1 : sample.weights[i + 1 - sample.prompt]);
      }
      batch.ids.push_back(sample.ids[i]);
      batch.rows.slot.push_back(slot);
      batch.rows.position.push_back(static_cast<int32_t>(i));
    }
    ++slot;
  }
  batch.image_features = model_.encode_images(ops, stack_pixels(model_.config().vision.vit, samples));  // [N, P, D]
  const at::Tensor logits = at_tensor(model_.logits(ops, batch));                                       // [A, V]
  const at::Tensor wanted =
      at::from_blob(targets.data(), {static_cast<int64_t>(targets.size())}, at::TensorOptions().dtype(at::kLong))
          .to(logits.device(), at::kLong, /*non_blocking=*/false, /*copy=*/true);
  const at::Tensor weight =
      at::from_blob(weights.data(), {static_cast<int64_t>(weights.size())}, at::TensorOptions().dtype(at::kFloat))
          .to(logits.device(), at::kFloat, /*non_blocking=*/false, /*copy=*/true);
  const at::Tensor each = at::nll_loss(at::log_softmax(logits, -1), wanted, {}, at::Reduction::None);  // [A]
  parts["token_loss"] += each.sum().item<float>();
  at::Tensor loss = (each * weight).sum();
  if (findings_weight_ > 0) {
    const int64_t p = batch.image_features.dim(1), d = batch.image_features.dim(2);
    const Tensor flat = ops.reshape(batch.image_features, {images, p * d});
    const Tensor of_frontals =
        ops.reshape(ops.gather_rows(flat, frontals), {static_cast<int64_t>(samples.size()), p, d});
    loss = loss + heads_.loss_sum(ops, of_frontals, samples, parts) * findings_weight_;
  }
  return loss;
}

ParamList TokensObjective::params() {
  ParamList list;
  model_.params(list);
  if (findings_weight_ > 0) heads_.params(list);
  return list;
}

}  // namespace hilum
