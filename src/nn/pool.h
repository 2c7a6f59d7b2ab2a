// Several rows to one.
#pragma once

#include <vector>

#include "ops/ops.h"

namespace hilum {

// x [N, T, D] -> [N, D]: the mean over T, as a product with a row of 1 / T.
inline Tensor mean_rows(Ops& ops, const Tensor& x) {
  const int64_t n = x.dim(0), t = x.dim(1), d = x.dim(2);
  const std::vector<float> weights(static_cast<size_t>(n * t), 1.0f / static_cast<float>(t));
  const Tensor row = ops.from_host(Tensor::host({n, 1, t}, weights));      // [N, 1, T]
  return ops.reshape(ops.matmul_nt(row, ops.transpose(x, 1, 2)), {n, d});  // [N, 1, D] -> [N, D]
}

}  // namespace hilum
