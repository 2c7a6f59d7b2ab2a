// Self-attention over a ragged batch: projections, optional rotary positions, optional cache.
#pragma once

#include <optional>
#include <string>

#include "nn/linear.h"

namespace hilum {

struct SelfAttentionConfig {
  std::string query, key, value, output;      // names of the four linear layers
  int64_t width = 0;                          // D
  int num_heads = 0, num_kv_heads = 0;        // H, K
  int head_dim = 0;                           // d
  bool qkv_bias = true, output_bias = true;
  bool causal = false;
  std::optional<RopeConfig> rope;             // none: positions were added to the input
  int layer = 0;                              // of the cache
};

class SelfAttention {
 public:
  explicit SelfAttention(const SelfAttentionConfig& config);

  // x [R, D] -> [R, D]. With a cache the rows' keys and values are appended to it.
  Tensor forward(Ops& ops, const Tensor& x, const RaggedBatch& batch, KvCache* cache = nullptr) const;
  void params(ParamList& list);

 private:
  Linear query_, key_, value_, output_;
  std::optional<RopeConfig> rope_;
  AttentionConfig attention_;
};

}  // namespace hilum
