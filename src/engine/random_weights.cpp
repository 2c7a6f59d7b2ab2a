#include "engine/random_weights.h"

#include <vector>

#include "base/rng.h"

namespace hilum {

void fill_random(const ParamList& params, uint64_t seed, DType storage) {
  // One pool of normals is drawn and read at random offsets: drawing billions of values would take longer than the bench.
  constexpr size_t kPool = 1 << 20;
  Rng rng(seed);
  std::vector<float> pool(kPool);
  for (float& value : pool) value = 0.02f * static_cast<float>(rng.normal());
  for (Param* param : params) {
    Tensor values = Tensor::host(param->shape());
    const bool scale = param->shape().rank() == 1 && !param->name().ends_with("bias");
    size_t at = rng.below(kPool);
    for (float& value : values.values()) {
      value = scale ? 1.0f : pool[at];
      at = at + 1 == kPool ? 0 : at + 1;
    }
    param->set_data(to_dtype(values, storage));
  }
}

}  // namespace hilum
