// Self-attention over a ragged batch: projections, optional rotary positions, optional cache.
#pragma once

#include <optional>
#include <string>

#include "nn/linear.h"

namespace hilum {

struct SelfAttentionConfig {
  std::string query, key, value, output;  // names of the four linear layers
  std::string packed_weight,
      packed_bias;  // set: query, key and value lie in one matrix under these names, in that order
  std::string query_bias,
      value_bias;     // set, of a packed matrix without packed_bias: only queries and values have one (EVA)
  int64_t width = 0;  // D
  int num_heads = 0, num_kv_heads = 0;  // H, K
  int head_dim = 0;                     // d
  bool qkv_bias = true, output_bias = true;
  bool causal = false;
  std::optional<RopeConfig> rope;  // none: positions were added to the input
  int64_t window = 0;              // of a causal one; see AttentionConfig
  int layer = 0;                   // of the cache
};

class SelfAttention {
 public:
  explicit SelfAttention(const SelfAttentionConfig& config);

  // x [R, D] -> [R, D]. The rows' keys and values are appended to the plan's cache, if it has one.
  Tensor forward(Ops& ops, const Tensor& x, const BatchPlan& plan) const;
  void params(ParamList& list);

 private:
  struct Projected {
    Tensor q, k, v;  // [R, H*d], [R, K*d], [R, K*d]
  };
  Projected project(Ops& ops, const Tensor& x) const;

  std::optional<Linear> query_, key_, value_;
  Param packed_weight_, packed_bias_;  // [H*d + 2*K*d, D], [H*d + 2*K*d]; declared where packed
  Param query_bias_, value_bias_;      // [H*d], [K*d]; declared where only they have one
  Linear output_;
  std::optional<RopeConfig> rope_;
  AttentionConfig attention_;
};

}  // namespace hilum
