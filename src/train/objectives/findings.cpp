// Letters: B samples, P patches, D encoder width, K kinds of finding.
#include "train/objectives/findings.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>

#include "base/error.h"
#include "train/objectives/pixels.h"

namespace hilum {
namespace {

constexpr float kLabelWeight = 3.0f, kPatchWeight = 3.0f, kBoxWeight = 2.0f;

at::Tensor bce_sum(const at::Tensor& logits, const at::Tensor& targets, const c10::optional<at::Tensor>& weights = {}) {
  return at::binary_cross_entropy_with_logits(logits, targets, weights, {}, at::Reduction::Sum);
}

// The samples' vectors one behind the other, on the backend.
at::Tensor gather(
    TorchOps& ops, std::span<const TrainSample> samples, std::vector<float> TrainSample::* field, Shape shape) {
  Tensor host = Tensor::host(shape);
  float* to = host.f32();
  for (const TrainSample& sample : samples) to = std::copy((sample.*field).begin(), (sample.*field).end(), to);
  invariant(to == host.f32() + shape.count(), "every sample has its targets");
  return at_tensor(ops.from_host(host));
}

}  // namespace

FindingsHeads::FindingsHeads(int64_t width, int kinds)
    : kinds_(kinds),
      label_("heads.label", width, kinds, true),
      patch_("heads.patch", width, kinds, true),
      box_("heads.box", width, 4 * int64_t{kinds}, true) {}

void FindingsHeads::params(ParamList& list) {
  for (Linear* head : {&label_, &patch_, &box_}) head->params(list);
}

at::Tensor FindingsHeads::loss_sum(TorchOps& ops, const Tensor& features, std::span<const TrainSample> samples,
    std::map<std::string, double>& parts) const {
  const auto b = static_cast<int64_t>(samples.size());
  const int64_t p = features.dim(1), k = kinds_;
  const at::Tensor labels = gather(ops, samples, &TrainSample::labels, {b, k});
  const at::Tensor patch_labels = gather(ops, samples, &TrainSample::patch_labels, {b, p, k});
  const at::Tensor patch_weights = gather(ops, samples, &TrainSample::patch_weights, {b, p, k});
  const at::Tensor boxes = gather(ops, samples, &TrainSample::patch_boxes, {b, p, k, 4});

  const Tensor pooled = from_at(at_tensor(features).mean(1));  // [B, D]
  const at::Tensor label_loss = bce_sum(at_tensor(label_.forward(ops, pooled)), labels) / static_cast<double>(k);
  const at::Tensor patch_loss =
      bce_sum(at_tensor(patch_.forward(ops, features)), patch_labels, patch_weights) / static_cast<double>(p);
  const at::Tensor predicted = at_tensor(box_.forward(ops, features)).reshape({b, p, k, 4});
  const at::Tensor shown = patch_labels * patch_weights;  // [B, P, K] a nodule's one patch counts as a lung's many
  const at::Tensor distance = ((predicted - boxes).abs() * shown.unsqueeze(-1)).sum({1, 2, 3});  // [B]
  const at::Tensor box_loss = (distance / shown.sum({1, 2}).clamp_min(1)).sum();  // mean over shown patches

  parts["label_loss"] += label_loss.item<float>();
  parts["patch_loss"] += patch_loss.item<float>();
  parts["box_loss"] += box_loss.item<float>();
  return label_loss * kLabelWeight + patch_loss * kPatchWeight + box_loss * kBoxWeight;
}

at::Tensor FindingsObjective::loss_sum(
    TorchOps& ops, std::span<const TrainSample> samples, std::map<std::string, double>& parts) {
  return heads_.loss_sum(
      ops, model_.encode_images(ops, stack_pixels(model_.config().vision.vit, samples, true)), samples, parts);
}

ParamList FindingsObjective::params() {
  ParamList model, list;
  model_.params(model);
  for (Param* param : model)
    if (param->name().rfind("encoder.", 0) == 0) list.push_back(param);
  heads_.params(list);
  return list;
}

}  // namespace hilum
