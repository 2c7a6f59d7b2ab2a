// What the libtorch backend keeps of one pass: it is the same in every layer, and on the device once. Letters as in
// ops.h; S slots in the pass, T rows of the longest, L keys of the longest.
#pragma once

#include <deque>

#include <ATen/core/Tensor.h>

#include "ops/ops.h"

namespace hilum {

// Indices as I64 on the device.
at::Tensor upload_index(std::span<const int32_t> indices, at::Device device);

class TorchPlan final : public BatchPlan {
 public:
  struct Rotations {
    RopeConfig config;
    at::Tensor cos, sin;  // [R, 1, d/2]
  };

  TorchPlan(BatchLayout layout, at::Device device);

  int64_t slots() const { return static_cast<int64_t>(runs().size()); }  // S
  int64_t longest() const { return longest_; }                           // T
  int64_t keys() const { return keys_; }                                 // L
  const at::Tensor& positions() const { return positions_; }             // [R]
  // Places in a cache layer seen as [slots * capacity, K*d], and the slots of the runs.
  const at::Tensor& cache_places() const { return cache_places_; }  // [R]
  const at::Tensor& cache_slots() const { return cache_slots_; }    // [S]
  // Keys behind what a slot holds, [S, L, 1]; undefined where every slot holds L.
  const at::Tensor& unfilled_keys() const { return unfilled_keys_; }

  // Rows [R, w] -> [S, T, w], each slot's filled up behind with its last row; and back.
  at::Tensor padded(const at::Tensor& rows) const;
  at::Tensor unpadded(const at::Tensor& padded) const;
  // Added to the scores: 0 where a key is seen, else minus infinity. [T, T] for all slots alike, or [S*H, T, L];
  // undefined where every row sees every key. Made when the first layer asks.
  const at::Tensor& mask(const AttentionConfig& config) const;

  std::deque<Rotations>& rotations() const {
    return rotations_;
  }  // by config; filled by the backend, which has the tables

 private:
  struct Mask {
    int num_heads;
    bool causal;
    int64_t window;
    at::Tensor value;
  };
  at::Tensor make_mask(const AttentionConfig& config) const;

  at::Device device_;
  bool equal_ = true;  // the slots have as many rows each: they stand as [S, T] already
  int64_t longest_ = 0, keys_ = 0;
  at::Tensor positions_, pad_, unpad_, cache_places_, cache_slots_, unfilled_keys_;
  mutable std::deque<Mask> masks_;
  mutable std::deque<Rotations> rotations_;
};

}  // namespace hilum
