// The library as the program loads it: this executable exports its symbols as `hilum` does.
#include "engine/torch_plugin.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/log.h"

namespace hilum {
namespace {

TEST(TorchPlugin, StaticsExistOnce) { EXPECT_EQ(torch_plugin().shared_static(), &log_config()); }

TEST(TorchPlugin, ErrorsCrossAsTheType) {
  EXPECT_THROW(torch_plugin().train({.recipe = "no/such/recipe.toml"}), Error);
  EXPECT_THROW(torch_plugin().make_ops("tpu", 1, DType::kF32), Error);
}

TEST(TorchPlugin, GivesOperationsWithoutGradients) {
  const std::unique_ptr<Ops> ops = torch_plugin().make_ops("cpu", 1, DType::kF32);
  const Tensor sum = ops->add(ops->from_host(Tensor::host({2}, std::vector<float>{1, 2})),
      ops->from_host(Tensor::host({2}, std::vector<float>{3, 4})));
  EXPECT_EQ(ops->to_host(sum).f32()[1], 6);
  EXPECT_EQ(ops->name(), "torch");
}

TEST(TorchPlugin, GivesOperationsThatComputeInBf16) {
  const std::unique_ptr<Ops> ops = torch_plugin().make_ops("cpu", 1, DType::kBF16);
  EXPECT_EQ(ops->from_host(Tensor::host({2}, std::vector<float>{1, 2})).dtype(), DType::kBF16);
}

}  // namespace
}  // namespace hilum
