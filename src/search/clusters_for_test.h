// Clustered unit vectors, as embeddings of images come: `centres` directions drawn from a normal distribution, each
// vector a centre plus normal noise of length about `spread` of the centre's, then divided by its length. With spread
// 0.7 two vectors of a cluster have a cosine of about 1 / (1 + 0.7²) = 0.67, of different clusters about 0.
#pragma once

#include <cmath>
#include <vector>

#include "base/rng.h"
#include "search/top_k.h"

namespace hilum {

struct Clustered {
  std::vector<float> values;  // [count, width]
  std::vector<int> cluster;   // of each row
};

inline Clustered clustered_vectors(
    int64_t count, int64_t width, int centres, double spread, uint64_t seed, uint64_t stream = 1) {
  Rng centre_rng(seed), rng(seed, stream);
  std::vector<float> middle(static_cast<size_t>(centres) * static_cast<size_t>(width));
  for (float& value : middle) value = static_cast<float>(centre_rng.normal());
  Clustered out;
  out.values.resize(static_cast<size_t>(count * width));
  for (int64_t i = 0; i < count; ++i) {
    const auto c = static_cast<int>(rng.below(static_cast<uint32_t>(centres)));
    out.cluster.push_back(c);
    float* row = out.values.data() + i * width;
    for (int64_t j = 0; j < width; ++j)
      row[j] = middle[static_cast<size_t>(c * width + j)] + static_cast<float>(spread * rng.normal());
    normalize_vector({row, static_cast<size_t>(width)});
  }
  return out;
}

}  // namespace hilum
