// What a linear layer takes from the heap, once its weight is packed: its result, and nothing for checks.
#include <gtest/gtest.h>

#include "ops/counted_allocations_for_test.h"
#include "ops/cpu/cpu_ops.h"
#include "tensor/tensor.h"

namespace hilum {
namespace {

TEST(CpuOps, ALinearLayerAllocatesItsResultAndNothingElse) {
  if (!kCountsAllocations) GTEST_SKIP() << "the sanitizer has a heap of its own";
  const auto ops = make_cpu_ops({.threads = 1});
  for (const DType storage : {DType::kF32, DType::kBF16}) {
    Param weight("blocks.3.attention.query.weight", {5, 7}), bias("blocks.3.attention.query.bias", {5});
    weight.set_data(to_dtype(Tensor::host({5, 7}, std::vector<float>(35, 1.0f)), storage));
    bias.set_data(Tensor::host({5}, std::vector<float>(5, 1.0f)));
    const Tensor x = Tensor::host({2, 7}, std::vector<float>(14, 1.0f));
    for (int i = 0; i < 3; ++i) ops->linear(x, weight, &bias);  // packs the weight, fills the pool
    // The new shape, its copy in the tensor, the storage, and the owner that gives the block back.
    EXPECT_EQ(count_allocations([&] { ops->linear(x, weight, &bias); }), 4);
  }
}

}  // namespace
}  // namespace hilum
