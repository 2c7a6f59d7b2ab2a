// Wraps another backend, which takes each call as it was checked, and records what models tag, as host F32, under
// "<name>" or "<name>.<layer>".
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

 protected:
  Tensor do_from_host(const Tensor& host) override { return inner_.do_from_host(host); }
  Tensor do_to_host(const Tensor& x) override { return inner_.do_to_host(x); }
  Tensor do_parameter(const Param& p) override { return inner_.do_parameter(p); }
  Tensor do_linear(const Tensor& x, const Param& weight, const Param* bias) override {
    return inner_.do_linear(x, weight, bias);
  }
  Tensor do_embedding(const Param& table, std::span<const int32_t> ids) override {
    return inner_.do_embedding(table, ids);
  }
  Tensor do_patch_embed(
      const Tensor& image, const Param& weight, const Param* bias, int64_t stride, int64_t padding) override {
    return inner_.do_patch_embed(image, weight, bias, stride, padding);
  }
  Tensor do_depthwise_conv3x3(const Tensor& x, const Param& weight, const Param& bias) override {
    return inner_.do_depthwise_conv3x3(x, weight, bias);
  }
  Tensor do_layer_norm(const Tensor& x, const Param& weight, const Param& bias, float eps) override {
    return inner_.do_layer_norm(x, weight, bias, eps);
  }
  Tensor do_rms_norm(const Tensor& x, const Param& weight, float eps) override {
    return inner_.do_rms_norm(x, weight, eps);
  }
  Tensor do_channel_scale(const Tensor& x, const Param& lambda) override { return inner_.do_channel_scale(x, lambda); }
  Tensor do_add(const Tensor& a, const Tensor& b) override { return inner_.do_add(a, b); }
  Tensor do_mul(const Tensor& a, const Tensor& b) override { return inner_.do_mul(a, b); }
  Tensor do_scale(const Tensor& x, float factor) override { return inner_.do_scale(x, factor); }
  Tensor do_gelu(const Tensor& x) override { return inner_.do_gelu(x); }
  Tensor do_quick_gelu(const Tensor& x) override { return inner_.do_quick_gelu(x); }
  Tensor do_silu(const Tensor& x) override { return inner_.do_silu(x); }
  Tensor do_tanh(const Tensor& x) override { return inner_.do_tanh(x); }
  Tensor do_softmax(const Tensor& x) override { return inner_.do_softmax(x); }
  Tensor do_l2_normalize(const Tensor& x) override { return inner_.do_l2_normalize(x); }
  Tensor do_matmul_nt(const Tensor& a, const Tensor& b) override { return inner_.do_matmul_nt(a, b); }
  Tensor do_reshape(const Tensor& x, Shape shape) override { return inner_.do_reshape(x, std::move(shape)); }
  Tensor do_concat(std::span<const Tensor> parts, int dim) override { return inner_.do_concat(parts, dim); }
  Tensor do_slice(const Tensor& x, int dim, int64_t first, int64_t count) override {
    return inner_.do_slice(x, dim, first, count);
  }
  Tensor do_transpose(const Tensor& x, int dim_a, int dim_b) override { return inner_.do_transpose(x, dim_a, dim_b); }
  Tensor do_gather_rows(const Tensor& x, std::span<const int32_t> rows) override {
    return inner_.do_gather_rows(x, rows);
  }
  Tensor do_scatter_rows(const Tensor& x, std::span<const int32_t> rows, const Tensor& values) override {
    return inner_.do_scatter_rows(x, rows, values);
  }
  std::unique_ptr<BatchPlan> do_plan(BatchLayout layout) override { return inner_.do_plan(std::move(layout)); }
  Tensor do_rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config) override {
    return inner_.do_rope(x, plan, config);
  }
  Tensor do_attention(const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan,
      const AttentionConfig& config) override {
    return inner_.do_attention(q, k, v, plan, config);
  }
  std::unique_ptr<KvCache> do_make_kv_cache(const KvCacheConfig& config) override {
    return inner_.do_make_kv_cache(config);
  }
  Tensor do_gated_silu(const Tensor& gate, const Tensor& up) override { return inner_.do_gated_silu(gate, up); }
  Tensor do_tag(const Tensor& x, std::string_view what, int layer) override;

 private:
  Ops& inner_;
  std::map<std::string, Tensor> tags_;
};

}  // namespace hilum
