#include "ops/check/check_ops.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/error.h"
#include "ops/refusal_suite.h"

namespace hilum {
namespace {

Tensor host(Shape shape) { return Tensor::host(shape); }

TEST(CheckOps, CountsTheOperationsAndParametersOfALinearLayer) {
  CheckOps ops;
  const Param weight("w", {5, 7}), bias("b", {5});
  const Tensor y = ops.linear(ops.from_host(host({2, 3, 7})), weight, &bias);
  EXPECT_EQ(y.shape(), Shape({2, 3, 5}));
  ops.linear(ops.from_host(host({7})), weight, &bias);  // the same parameters again count once
  EXPECT_EQ(ops.counts().flops, 2 * 6 * 35 + 2 * 35);
  EXPECT_EQ(ops.counts().params, 40);
  EXPECT_EQ(ops.counts().param_tensors, 2);
}

INSTANTIATE_TEST_SUITE_P(Check, RefusalSuite,
    testing::Values(RefusalCase{"check", [] { return std::make_unique<CheckOps>(); }}), RefusalCase::label);

TEST(CheckOps, HasNoDataToGive) {
  CheckOps ops;
  EXPECT_THROW(ops.to_host(ops.from_host(host({2}))), std::logic_error);
}

TEST(CheckOps, AttentionCountsTheVisiblePairsAndFillsTheCache) {
  CheckOps ops;
  const auto cache = ops.make_kv_cache({.layers = 1, .kv_heads = 1, .head_dim = 4, .slots = 2, .capacity = 8});
  const AttentionConfig config{.num_heads = 2, .num_kv_heads = 1};
  const auto attend = [&](const RaggedBatch& batch, KvCache* held) {
    const int64_t before = ops.counts().flops;
    const Tensor q = ops.from_host(host({batch.rows(), 8})), k = ops.from_host(host({batch.rows(), 4}));
    ops.attention(q, k, k, *ops.plan(batch, held), config);
    return (ops.counts().flops - before) / (4 * 2 * 4);  // 2 heads of width 4
  };
  EXPECT_EQ(attend(RaggedBatch::uniform(2, 3), nullptr), 12);  // 1 + 2 + 3, twice
  EXPECT_EQ(attend(RaggedBatch::uniform(2, 3), cache.get()), 12);
  EXPECT_EQ(attend(RaggedBatch::single(1, 3, 1), cache.get()), 4);  // the fourth row sees four
  EXPECT_EQ(cache->length(0), 3);
  EXPECT_EQ(cache->length(1), 4);
  cache->truncate(1, 2);
  EXPECT_EQ(cache->length(1), 2);
  EXPECT_THROW(attend(RaggedBatch::single(1, 5, 1), cache.get()), std::logic_error);  // leaves a hole
  EXPECT_THROW(attend(RaggedBatch::single(7, 2, 1), cache.get()), Error);             // past the capacity
}

TEST(CheckOps, ForgetsTheBytesOfDeadTensors) {
  CheckOps ops;
  {
    const Tensor a = ops.from_host(host({10})), b = ops.scale(a, 2), c = ops.reshape(b, {2, 5});
    EXPECT_EQ(ops.counts().live_bytes, 80);
  }
  ops.from_host(host({5}));
  EXPECT_EQ(ops.counts().live_bytes, 0);
  EXPECT_EQ(ops.counts().peak_bytes, 80);
}

}  // namespace
}  // namespace hilum
