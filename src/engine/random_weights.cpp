#include "engine/random_weights.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace hilum {
namespace {

constexpr int64_t kPlaces = 1 << 16;  // values; a place is a multiple of a cache line
constexpr int64_t kLine = 64;         // values that kernels may read past a parameter's end

bool is_scale(const Param& param) { return param.shape().rank() == 1 && !param.name().ends_with("bias"); }

}  // namespace

RandomWeights::RandomWeights(uint64_t seed, const ParamList& params, DType storage) : rng_(seed) {
  // So many are drawn and then repeated: a prime, so that a matrix's rows differ.
  constexpr int64_t kDrawn = 1'000'003;
  int64_t largest = 1, scale = 1;
  for (const Param* param : params) {
    int64_t& most = is_scale(*param) ? scale : largest;
    most = std::max(most, param->shape().count());
  }
  const int64_t count = largest + kPlaces + kLine, drawn = std::min(count, kDrawn);
  Tensor normals = Tensor::host({drawn});
  for (float& value : normals.values()) value = 0.02f * static_cast<float>(rng_.normal());
  normals = to_dtype(normals, storage);
  pool_ = Tensor::host({count}, storage);
  for (size_t at = 0, all = pool_.size_bytes(); at < all; at += normals.size_bytes())
    std::memcpy(pool_.bytes() + at, normals.bytes(), std::min(normals.size_bytes(), all - at));
  ones_ =
      to_dtype(Tensor::host({scale + kLine}, std::vector<float>(static_cast<size_t>(scale + kLine), 1.0f)), storage);
}

Tensor RandomWeights::operator()(const Param& param) {
  const bool scale = is_scale(param);
  const int64_t place = scale ? 0 : static_cast<int64_t>(rng_.below(kPlaces / kLine)) * kLine;
  const Tensor& from = scale ? ones_ : pool_;
  invariant(place + param.shape().count() + kLine <= from.dim(0), "a parameter no larger than those named before");
  return from.rows(place, param.shape().count()).reshaped(param.shape());
}

void fill_random(const ParamList& params, uint64_t seed, DType storage) {
  RandomWeights weights(seed, params, storage);
  for (Param* param : params) param->set_data(weights(*param));
}

}  // namespace hilum
