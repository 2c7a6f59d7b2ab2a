// Exact search: the k rows with the largest dot product, over every row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernel_table.h"
#include "search/flat_vectors.h"

namespace hilum {

struct Hit {
  float score = 0;  // dot product: the cosine when both are unit vectors
  int64_t row = 0;
  bool operator==(const Hit&) const = default;
};

// queries [Q, width] -> for each query its k best rows, best first; equal scores by rising row; a score that is not a
// number never enters. Rows are read once, in blocks that stay in the cache while every query meets them; blocks are
// shared out among `threads`. The result does not depend on the number of threads.
std::vector<std::vector<Hit>> top_k(
    const KernelTable& table, const VectorRows& rows, std::span<const float> queries, int64_t k, int threads);

// The same as a double loop in double: what top_k is tested against.
std::vector<std::vector<Hit>> top_k_plain(const VectorRows& rows, std::span<const float> queries, int64_t k);

// Divides by the length in place; a zero vector stays zero. Returns the length.
float normalize_vector(std::span<float> v);

}  // namespace hilum
