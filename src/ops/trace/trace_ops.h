// Wraps another backend and records what models tag, as host F32, under "<name>" or "<name>.<layer>".
//
// Tags that models give:
//   encoder    "embeddings" (what enters block 0), "block.<i>", "encoder_norm"
//   projector  "projected"
//   image      of an embedding system: the tower's own ("stage_embed.<i>", "block.<i>"), "image_pooled",
//   "image_features", "image_embedding" text       "text_embeddings", "text_block.<i>", "text_pooled", "text_features",
//   "text_embedding" decoder    "tok_embed" (before image rows are placed), "attn_out.<i>", "layer_out.<i>",
//   "final_norm", "logits"
#pragma once

#include <map>
#include <memory>
#include <string>

#include "ops/ops.h"

namespace hilum {

class TraceOps final : public Ops {
 public:
  explicit TraceOps(Ops& inner) : inner_(inner) {}  // `inner` must outlive this

  // The latest value of each tag.
  const std::map<std::string, Tensor>& tags() const { return tags_; }
  void clear() { tags_.clear(); }

  std::string_view name() const override { return inner_.name(); }
  Tensor from_host(const Tensor& host) override { return inner_.from_host(host); }
  Tensor to_host(const Tensor& x) override { return inner_.to_host(x); }
  Tensor parameter(const Param& p) override { return inner_.parameter(p); }
  Tensor linear(const Tensor& x, const Param& weight, const Param* bias) override {
    return inner_.linear(x, weight, bias);
  }
  Tensor embedding(const Param& table, std::span<const int32_t> ids) override { return inner_.embedding(table, ids); }
  Tensor patch_embed(
      const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) override {
    return inner_.patch_embed(image, weight, bias, stride, padding);
  }
  Tensor depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) override {
    return inner_.depthwise_conv3x3(x, weight, bias);
  }
  Tensor layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) override {
    return inner_.layer_norm(x, weight, bias, eps);
  }
  Tensor rms_norm(const Tensor& x, const Param& weight, float eps) override { return inner_.rms_norm(x, weight, eps); }
  Tensor channel_scale(const Tensor& x, const Param& lambda) override { return inner_.channel_scale(x, lambda); }
  Tensor add(const Tensor& a, const Tensor& b) override { return inner_.add(a, b); }
  Tensor mul(const Tensor& a, const Tensor& b) override { return inner_.mul(a, b); }
  Tensor scale(const Tensor& x, float factor) override { return inner_.scale(x, factor); }
  Tensor gelu(const Tensor& x) override { return inner_.gelu(x); }
  Tensor quick_gelu(const Tensor& x) override { return inner_.quick_gelu(x); }
  Tensor silu(const Tensor& x) override { return inner_.silu(x); }
  Tensor tanh(const Tensor& x) override { return inner_.tanh(x); }
  Tensor softmax(const Tensor& x) override { return inner_.softmax(x); }
  Tensor l2_normalize(const Tensor& x) override { return inner_.l2_normalize(x); }
  Tensor matmul_nt(const Tensor& a, const Tensor& b) override { return inner_.matmul_nt(a, b); }
  Tensor reshape(const Tensor& x, Shape shape) override { return inner_.reshape(x, std::move(shape)); }
  Tensor concat(std::span<const Tensor> parts, int dim) override { return inner_.concat(parts, dim); }
  Tensor slice(const Tensor& x, int dim, int64_t first, int64_t count) override {
    return inner_.slice(x, dim, first, count);
  }
  Tensor transpose(const Tensor& x, int dim_a, int dim_b) override { return inner_.transpose(x, dim_a, dim_b); }
  Tensor gather_rows(const Tensor& x, std::span<const int32_t> rows) override { return inner_.gather_rows(x, rows); }
  Tensor scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) override {
    return inner_.scatter_rows(x, rows, values);
  }
  Tensor rope(const Tensor& x, const RaggedBatch& batch, const RopeConfig& config) override {
    return inner_.rope(x, batch, config);
  }
  Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch,
      const AttentionConfig& config, KvCache* cache) override {
    return inner_.attention(q, k, v, batch, config, cache);
  }
  std::unique_ptr<KvCache> make_kv_cache(const KvCacheConfig& config) override { return inner_.make_kv_cache(config); }
  Tensor gated_silu(const Tensor& gate, const Tensor& up) override { return inner_.gated_silu(gate, up); }
  Tensor dropout(const Tensor& x, float probability) override { return inner_.dropout(x, probability); }
  Tensor tag(const Tensor& x, std::string_view what, int layer = -1) override;

 private:
  Ops& inner_;
  std::map<std::string, Tensor> tags_;
};

}  // namespace hilum
