// Letters: B samples, N images, P patches, D encoder width, K kinds of finding, A answer tokens, V vocabulary.
#include "train/objective.h"

#include <cstring>

#include <ATen/TensorOperators.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr float kLabelWeight = 3.0f, kPatchWeight = 3.0f, kBoxWeight = 2.0f;

at::Tensor bce_sum(const at::Tensor& logits, const at::Tensor& targets, const c10::optional<at::Tensor>& weights = {}) {
  return at::binary_cross_entropy_with_logits(logits, targets, weights, {}, at::Reduction::Sum);
}

// The samples' vectors one behind the other, on the backend.
at::Tensor gather(TorchOps& ops, std::span<const TrainSample> samples, std::vector<float> TrainSample::*field, Shape shape) {
  Tensor host = Tensor::host(shape);
  float* to = host.f32();
  for (const TrainSample& sample : samples) to = std::copy((sample.*field).begin(), (sample.*field).end(), to);
  invariant(to == host.f32() + shape.count(), "every sample has its targets");
  return at_tensor(ops.from_host(host));
}

}  // namespace

Tensor stack_pixels(const VitConfig& config, std::span<const TrainSample> samples, bool first_only) {
  const int64_t size = int64_t{config.channels} * config.image_px * config.image_px;
  int64_t images = 0;
  for (const TrainSample& sample : samples) {
    invariant(static_cast<int64_t>(sample.pixels.size()) == sample.images * size, "pictures of the encoder's size");
    images += first_only ? 1 : sample.images;
  }
  Tensor host = Tensor::host({images, config.channels, config.image_px, config.image_px});
  float* to = host.f32();
  for (const TrainSample& sample : samples) to = std::copy_n(sample.pixels.begin(), (first_only ? 1 : sample.images) * size, to);
  return host;
}

FindingsObjective::FindingsObjective(Vlm& model, int kinds)
    : model_(model), kinds_(kinds), label_head_("heads.label", model.config().encoder.width, kinds, true),
      patch_head_("heads.patch", model.config().encoder.width, kinds, true),
      box_head_("heads.box", model.config().encoder.width, 4 * int64_t{kinds}, true) {}

at::Tensor FindingsObjective::loss_sum(TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) {
  const VitConfig& encoder = model_.config().encoder;
  const auto b = static_cast<int64_t>(samples.size());
  const int64_t p = encoder.patches(), k = kinds_;
  const Tensor features = model_.encode_images(ops, stack_pixels(encoder, samples, true));                      // [B, P, D]
  const at::Tensor labels = gather(ops, samples, &TrainSample::labels, {b, k});
  const at::Tensor patch_labels = gather(ops, samples, &TrainSample::patch_labels, {b, p, k});
  const at::Tensor patch_weights = gather(ops, samples, &TrainSample::patch_weights, {b, p, k});
  const at::Tensor boxes = gather(ops, samples, &TrainSample::patch_boxes, {b, p, k, 4});

  const Tensor pooled = from_at(at_tensor(features).mean(1));                                             // [B, D]
  const at::Tensor label_loss = bce_sum(at_tensor(label_head_.forward(ops, pooled)), labels) / static_cast<double>(k);
  const at::Tensor patch_loss = bce_sum(at_tensor(patch_head_.forward(ops, features)), patch_labels, patch_weights) / static_cast<double>(p);
  const at::Tensor predicted = at_tensor(box_head_.forward(ops, features)).reshape({b, p, k, 4});
  const at::Tensor shown = patch_labels.unsqueeze(-1);                                                    // [B, P, K, 1]
  const at::Tensor distance = ((predicted - boxes).abs() * shown).sum({1, 2, 3});                         // [B]
  const at::Tensor box_loss = (distance / patch_labels.sum({1, 2}).clamp_min(1)).sum();                   // mean over shown patches

  parts["label_loss"] += label_loss.item<float>();
  parts["patch_loss"] += patch_loss.item<float>();
  parts["box_loss"] += box_loss.item<float>();
  return label_loss * kLabelWeight + patch_loss * kPatchWeight + box_loss * kBoxWeight;
}

ParamList FindingsObjective::own_params() {
  ParamList list;
  for (Linear* head : {&label_head_, &patch_head_, &box_head_}) head->params(list);
  return list;
}

ParamList FindingsObjective::params() {
  ParamList model, list;
  model_.params(model);
  for (Param* param : model)
    if (param->name().rfind("encoder.", 0) == 0) list.push_back(param);
  for (Param* param : own_params()) list.push_back(param);
  return list;
}

at::Tensor TokensObjective::loss_sum(TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) {
  VlmBatch batch;
  std::vector<int64_t> targets;                                                                           // [A]
  int64_t images = 0;
  int32_t slot = 0;
  for (const TrainSample& sample : samples) {
    images += sample.images;
    const size_t last = sample.ids.size() - 1;  // the last token is only a target
    for (size_t i = 0; i < last; ++i) {
      if (i + 1 >= sample.prompt) {
        batch.logit_rows.push_back(static_cast<int32_t>(batch.ids.size()));
        targets.push_back(sample.ids[i + 1]);
      }
      batch.ids.push_back(sample.ids[i]);
      batch.rows.slot.push_back(slot);
      batch.rows.position.push_back(static_cast<int32_t>(i));
    }
    ++slot;
  }
  if (images > 0) batch.pixel_values = stack_pixels(model_.config().encoder, samples);
  const at::Tensor logits = at_tensor(model_.logits(ops, batch));                                         // [A, V]
  const at::Tensor wanted = at::from_blob(targets.data(), {static_cast<int64_t>(targets.size())}, at::TensorOptions().dtype(at::kLong))
                                .to(logits.device(), at::kLong, /*non_blocking=*/false, /*copy=*/true);
  parts["tokens"] += static_cast<double>(batch.ids.size());
  parts["images"] += static_cast<double>(images);
  return at::nll_loss(at::log_softmax(logits, -1), wanted, {}, at::Reduction::Sum);
}

ParamList TokensObjective::params() {
  ParamList list;
  model_.params(list);
  return list;
}

}  // namespace hilum
