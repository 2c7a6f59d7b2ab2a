// Smooth random fields in mm, for tissue that is not uniform.
#pragma once

#include <vector>

#include "phantom/fmath.h"

namespace hilum::phantom {

// Value noise in -1..1 on a lattice of `cell_mm`, read one row at a time.
class Texture {
 public:
  Texture(uint32_t seed, float cell_mm, int size, float mm_per_px) : seed_(seed), cells_per_px_(mm_per_px / cell_mm) {
    const auto count = static_cast<size_t>(size);
    row_.resize(count);
    cell_.resize(count);
    weight_.resize(count);
    for (int i = 0; i < size; ++i) {
      const float at = static_cast<float>(i) * cells_per_px_;
      cell_[static_cast<size_t>(i)] = static_cast<int>(at);
      weight_[static_cast<size_t>(i)] = smooth(at - static_cast<float>(static_cast<int>(at)));
    }
    lattice_.resize(static_cast<size_t>(cell_.back()) + 2);
  }

  void set_row(int row) {
    const float at = static_cast<float>(row) * cells_per_px_;
    const int line = static_cast<int>(at);
    const float w = smooth(at - static_cast<float>(line));
    for (size_t k = 0; k < lattice_.size(); ++k)
      lattice_[k] = (1 - w) * node(static_cast<uint32_t>(k), line) + w * node(static_cast<uint32_t>(k), line + 1);
    for (size_t i = 0; i < row_.size(); ++i) {
      const auto k = static_cast<size_t>(cell_[i]);
      row_[i] = lattice_[k] + weight_[i] * (lattice_[k + 1] - lattice_[k]);
    }
  }
  const float* row() const { return row_.data(); }

 private:
  static float smooth(float t) { return t * t * (3 - 2 * t); }
  float node(uint32_t x, int y) const {
    return static_cast<float>(hash32(x * 0x9e3779b1u ^ hash32(static_cast<uint32_t>(y) ^ seed_)) >> 8) *
               (2.0f / 16777216.0f) -
           1;
  }

  uint32_t seed_;
  float cells_per_px_;
  std::vector<float> row_, weight_, lattice_;
  std::vector<int> cell_;
};

}  // namespace hilum::phantom
