#include "ops/torch/torch_plan.h"

#include <algorithm>
#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>

namespace hilum {
namespace {

constexpr float kHidden = -std::numeric_limits<float>::infinity();

}  // namespace

at::Tensor upload_index(std::span<const int32_t> indices, at::Device device) {
  return at::from_blob(
      const_cast<int32_t*>(indices.data()), {static_cast<int64_t>(indices.size())}, at::TensorOptions().dtype(at::kInt))
      .to(device, at::kLong);
}

TorchPlan::TorchPlan(BatchLayout layout, at::Device device) : BatchPlan(std::move(layout)), device_(device) {
  positions_ = upload_index(batch().position, device);
  int64_t least_keys = std::numeric_limits<int64_t>::max();
  for (const BatchRun& run : runs()) {
    longest_ = std::max(longest_, run.count);
    keys_ = std::max(keys_, run.keys);
    least_keys = std::min(least_keys, run.keys);
    equal_ = equal_ && run.count == runs()[0].count;
  }
  std::vector<int32_t> pad, unpad, places, slots;  // padded place -> row, row -> padded place
  for (int64_t s = 0; s < this->slots(); ++s) {
    const BatchRun& run = runs()[static_cast<size_t>(s)];
    if (!equal_)
      for (int64_t t = 0; t < longest_; ++t) {
        pad.push_back(static_cast<int32_t>(run.first + std::min(t, run.count - 1)));
        if (t < run.count) unpad.push_back(static_cast<int32_t>(s * longest_ + t));
      }
    if (!cache()) continue;
    slots.push_back(run.slot);
    for (int64_t t = 0; t < run.count; ++t)
      places.push_back(static_cast<int32_t>(run.slot * cache()->config().capacity + run.position + t));
  }
  if (!equal_) {
    pad_ = upload_index(pad, device);
    unpad_ = upload_index(unpad, device);
  }
  if (!cache()) return;
  cache_places_ = upload_index(places, device);
  cache_slots_ = upload_index(slots, device);
  if (least_keys == keys_) return;
  std::vector<int32_t> held;
  for (const BatchRun& run : runs()) held.push_back(static_cast<int32_t>(run.keys));
  const at::Tensor key = at::arange(keys_, at::TensorOptions().dtype(at::kLong).device(device));  // [L]
  unfilled_keys_ = (key >= upload_index(held, device).unsqueeze(1)).unsqueeze(2);                 // [S, L, 1]
}

at::Tensor TorchPlan::padded(const at::Tensor& rows) const {
  return (equal_ ? rows : rows.index_select(0, pad_)).reshape({slots(), longest_, rows.size(1)});
}

at::Tensor TorchPlan::unpadded(const at::Tensor& padded) const {
  const at::Tensor flat = padded.reshape({slots() * longest_, padded.size(2)});
  return equal_ ? flat : flat.index_select(0, unpad_);
}

const at::Tensor& TorchPlan::mask(const AttentionConfig& c) const {
  for (const Mask& made : masks_)
    if (made.num_heads == c.num_heads && made.causal == c.causal && made.window == c.window) return made.value;
  return masks_.emplace_back(Mask{c.num_heads, c.causal, c.window, make_mask(c)}).value;
}

at::Tensor TorchPlan::make_mask(const AttentionConfig& c) const {
  if (!cache() && equal_ && !c.causal) return {};
  if (!cache() && c.causal) {  // rows that fill up stand behind: no row sees them
    const auto hidden = [&] {
      return at::full({longest_, longest_}, kHidden, at::TensorOptions().dtype(at::kFloat).device(device_));
    };
    const at::Tensor later = hidden().triu_(1);  // [T, T]
    return c.window > 0 ? later + hidden().tril_(-c.window) : later;
  }
  std::vector<int32_t> held, first;
  for (const BatchRun& run : runs()) {
    held.push_back(static_cast<int32_t>(run.keys));
    first.push_back(static_cast<int32_t>(run.first_key()));
  }
  const auto counted = [&](int64_t n) { return at::arange(n, at::TensorOptions().dtype(at::kLong).device(device_)); };
  const auto of_slots = [&](const std::vector<int32_t>& values) {
    return upload_index(values, device_).view({-1, 1, 1});
  };
  const at::Tensor key = counted(keys_);                                     // [L]
  const at::Tensor own = of_slots(first) + counted(longest_).view({-1, 1});  // [S, T, 1] the row's own key
  at::Tensor seen = key < of_slots(held);                                    // [S, 1, L]
  if (c.causal) seen = seen & (key <= own);                                  // [S, T, L]
  if (c.window > 0) seen = seen & (key > own - c.window);
  const at::Tensor added =
      at::full({slots(), longest_, keys_}, kHidden, at::TensorOptions().dtype(at::kFloat).device(device_))
          .masked_fill_(seen, 0);  // [S, T, L]
  return added.unsqueeze(1)
      .expand({slots(), c.num_heads, longest_, keys_})
      .reshape({slots() * c.num_heads, longest_, keys_});
}

}  // namespace hilum
