// A gradient of libtorch's against central differences, in double.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace hilum {

// A leaf of normal values in double.
inline at::Tensor normal_leaf(at::Tensor zeros, uint64_t seed) {
  Rng rng(seed);
  for (int64_t i = 0; i < zeros.numel(); ++i) zeros.data_ptr<double>()[i] = rng.normal();
  return zeros.requires_grad_(true);
}

// d loss() / d leaf by steps of 1e-5 each way, whose error is some 1e-10, against backward().
inline void expect_gradient(const std::vector<at::Tensor>& leaves, const std::function<at::Tensor()>& loss) {
  for (const at::Tensor& leaf : leaves) leaf.mutable_grad() = at::Tensor();
  loss().backward();
  for (size_t which = 0; which < leaves.size(); ++which) {
    ASSERT_TRUE(leaves[which].grad().defined()) << "leaf " << which;
    const at::Tensor gradient = leaves[which].grad().contiguous();
    auto* values = leaves[which].data_ptr<double>();
    for (int64_t i = 0; i < leaves[which].numel(); ++i) {
      const double was = values[i];
      values[i] = was + 1e-5;
      const double up = loss().item<double>();
      values[i] = was - 1e-5;
      const double down = loss().item<double>();
      values[i] = was;
      EXPECT_NEAR(gradient.data_ptr<double>()[i], (up - down) / 2e-5, 1e-7) << "leaf " << which << ", value " << i;
    }
  }
}

}  // namespace hilum
