#include "train/initialise.h"

#include <cmath>
#include <string_view>

#include "base/rng.h"

namespace hilum {
namespace {

uint64_t hash_of(std::string_view name) {  // FNV-1a
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  for (const std::string_view end : ends)
    if (name.ends_with(end)) return true;
  return false;
}

double cut_normal(Rng& rng) {
  double value = rng.normal();
  while (std::fabs(value) > 2) value = rng.normal();
  return value;
}

// [.., 1 + side * side, D]: row 0 is the class token's (zero), then the grid row by row; half of the width codes y,
// half x.
void fill_positions(float* to, int64_t tokens, int64_t width) {
  const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(tokens - 1))));
  const int64_t quarter = width / 4;
  for (int64_t i = 0; i < tokens * width; ++i) to[i] = 0;
  for (int64_t p = 0; p < side * side; ++p)
    for (int64_t i = 0; i < quarter; ++i) {
      const double frequency = std::pow(100.0, -static_cast<double>(i) / static_cast<double>(quarter));
      const double y = static_cast<double>(p / side) * frequency, x = static_cast<double>(p % side) * frequency;
      float* row = to + (p + 1) * width;
      row[i] = static_cast<float>(0.5 * std::sin(y));
      row[quarter + i] = static_cast<float>(0.5 * std::cos(y));
      row[2 * quarter + i] = static_cast<float>(0.5 * std::sin(x));
      row[3 * quarter + i] = static_cast<float>(0.5 * std::cos(x));
    }
}

}  // namespace

void initialise(const ParamList& params, const InitialiseConfig& config) {
  for (Param* p : params) {
    Tensor data = Tensor::host(p->shape());
    const std::string_view name = p->name();
    const std::span<float> values = data.values();
    Rng rng(config.seed, hash_of(name));
    if (name.ends_with("position_embeddings")) {
      fill_positions(values.data(), p->shape()[-2], p->shape()[-1]);
    } else if (name.ends_with("lambda1")) {
      for (float& v : values) v = static_cast<float>(config.layer_scale);
    } else if (name.ends_with("cls_token")) {
      for (float& v : values) v = static_cast<float>(0.02 * cut_normal(rng));
    } else if (p->shape().rank() == 1) {
      // Patches seldom show a finding: the head starts near that rate instead of spending its first steps on getting
      // there.
      const float bias = name == "heads.patch.bias" ? -4.0f : 0.0f;
      for (float& v : values) v = name.ends_with("bias") ? bias : 1.0f;
    } else {
      const double fan_in = static_cast<double>(p->shape().count() / p->shape()[0]);
      double deviation = 0.55 / std::sqrt(fan_in);
      if (ends_with_any(name, {"attention.output.dense.weight", "mlp.fc2.weight"}))
        deviation /= std::sqrt(2.0 * config.encoder_depth);
      if (ends_with_any(name, {"self_attn.o_proj.weight", "mlp.down_proj.weight"}))
        deviation /= std::sqrt(2.0 * config.language_depth);
      for (float& v : values) v = static_cast<float>(deviation * cut_normal(rng));
    }
    p->set_data(std::move(data));
  }
}

}  // namespace hilum
