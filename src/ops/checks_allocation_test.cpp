// A check that holds costs no allocation: every call of ops.h over a backend that does nothing.
#include <gtest/gtest.h>

#include "ops/counted_allocations_for_test.h"
#include "ops/ops.h"

namespace hilum {
namespace {

class NothingCache final : public KvCache {
 public:
  explicit NothingCache(const KvCacheConfig& config) : KvCache(config) {}
  size_t bytes() const override { return 0; }

 private:
  void do_copy(int32_t, int32_t, int64_t) override {}
};

class NothingOps final : public Ops {
 public:
  std::string_view name() const override { return "nothing"; }

 protected:
  Tensor do_from_host(const Tensor&) override { return {}; }
  Tensor do_to_host(const Tensor&) override { return {}; }
  Tensor do_parameter(const Param&) override { return {}; }
  Tensor do_linear(const Tensor&, const Param&, const Param*) override { return {}; }
  Tensor do_embedding(const Param&, std::span<const int32_t>) override { return {}; }
  Tensor do_patch_embed(const Tensor&, const Param&, const Param*, int64_t, int64_t) override { return {}; }
  Tensor do_depthwise_conv3x3(const Tensor&, const Param&, const Param&) override { return {}; }
  Tensor do_layer_norm(const Tensor&, const Param&, const Param&, float) override { return {}; }
  Tensor do_rms_norm(const Tensor&, const Param&, float) override { return {}; }
  Tensor do_channel_scale(const Tensor&, const Param&) override { return {}; }
  Tensor do_add(const Tensor&, const Tensor&) override { return {}; }
  Tensor do_mul(const Tensor&, const Tensor&) override { return {}; }
  Tensor do_scale(const Tensor&, float) override { return {}; }
  Tensor do_gelu(const Tensor&) override { return {}; }
  Tensor do_quick_gelu(const Tensor&) override { return {}; }
  Tensor do_silu(const Tensor&) override { return {}; }
  Tensor do_tanh(const Tensor&) override { return {}; }
  Tensor do_softmax(const Tensor&) override { return {}; }
  Tensor do_l2_normalize(const Tensor&) override { return {}; }
  Tensor do_matmul_nt(const Tensor&, const Tensor&) override { return {}; }
  Tensor do_reshape(const Tensor&, Shape) override { return {}; }
  Tensor do_concat(std::span<const Tensor>, int) override { return {}; }
  Tensor do_slice(const Tensor&, int, int64_t, int64_t) override { return {}; }
  Tensor do_transpose(const Tensor&, int, int) override { return {}; }
  Tensor do_gather_rows(const Tensor&, std::span<const int32_t>) override { return {}; }
  Tensor do_scatter_rows(const Tensor&, std::span<const int32_t>, const Tensor&) override { return {}; }
  Tensor do_rope(const Tensor&, const BatchPlan&, const RopeConfig&) override { return {}; }
  Tensor do_attention(const Tensor&, const Tensor&, const Tensor&, const BatchPlan&, const AttentionConfig&) override {
    return {};
  }
  std::unique_ptr<KvCache> do_make_kv_cache(const KvCacheConfig& c) override {
    return std::make_unique<NothingCache>(c);
  }
};

TEST(ChecksOfCalls, CostNoAllocationWhileAllIsWell) {
  if (!kCountsAllocations) GTEST_SKIP() << "the sanitizer has a heap of its own";
  NothingOps ops;
  const auto t = [](const Shape& shape) { return Tensor::host(shape); };
  const Param w57("w", {5, 7}), w7("w7", {7}), w5("w5", {5}), patch("p", {5, 3, 2, 2}), taps("t", {7, 1, 3, 3});
  const std::vector<int32_t> rows = {0, 2};
  const auto cache = ops.make_kv_cache({.layers = 1, .kv_heads = 1, .head_dim = 4, .slots = 1, .capacity = 8});
  const auto plan = ops.plan(RaggedBatch::single(3), cache.get());
  const RopeConfig turn{.head_dim = 4, .short_factors = {1, 1}, .long_factors = {2, 2}};
  const Tensor x = t({2, 7}), image = t({1, 3, 4, 4}), map = t({1, 2, 2, 7}), q = t({3, 8}), k = t({3, 4}),
               values = t({2, 8});
  const std::vector<Tensor> parts = {x, x};
  Shape other{7, 2};
  EXPECT_EQ(count_allocations([&] {
    ops.from_host(x);
    ops.to_host(x);
    ops.parameter(w5);
    ops.linear(x, w57, &w5);
    ops.embedding(w57, rows);
    ops.patch_embed(image, patch, &w5, 2, 0);
    ops.depthwise_conv3x3(map, taps, w7);
    ops.layer_norm(x, w7, w7, 1e-5f);
    ops.rms_norm(x, w7, 1e-5f);
    ops.channel_scale(x, w7);
    ops.add(x, x);
    ops.mul(x, x);
    ops.scale(x, 2);
    ops.gelu(x);
    ops.quick_gelu(x);
    ops.silu(x);
    ops.tanh(x);
    ops.softmax(x);
    ops.l2_normalize(x);
    ops.matmul_nt(x, x);
    ops.reshape(x, std::move(other));
    ops.concat(parts, -1);
    ops.slice(x, 1, 2, 3);
    ops.transpose(x, 0, 1);
    ops.gather_rows(q, rows);
    ops.scatter_rows(q, rows, values);
    ops.rope(q, *plan, turn);
    ops.attention(q, k, k, *plan, {.num_heads = 2, .num_kv_heads = 1});
    ops.gated_silu(x, x);
  }),
      0);
  EXPECT_GT(count_allocations([&] { t({2, 7}); }), 0) << "allocations are counted";
}

}  // namespace
}  // namespace hilum
