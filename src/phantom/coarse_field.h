// What a film looks like from afar.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace hilum::phantom {

// A plane averaged over cells of about 6 mm, then smoothed three times (about 25 mm): what scatter looks like, and what
// a film's processing takes for the background. Bilinear reading.
class CoarseField {
 public:
  CoarseField(const std::vector<float>& plane, int size, float mm) : cell_(std::max(1, static_cast<int>(6.3f / mm))) {
    count_ = (size + cell_ - 1) / cell_;
    values_.assign(static_cast<size_t>(count_) * count_, 0);
    for (int row = 0; row < size; ++row)
      for (int i = 0; i < size; ++i) at(row / cell_, i / cell_) += plane[static_cast<size_t>(row) * size + i];
    for (int row = 0; row < count_; ++row)
      for (int i = 0; i < count_; ++i)
        at(row, i) /= static_cast<float>(
            (std::min(size, (row + 1) * cell_) - row * cell_) * (std::min(size, (i + 1) * cell_) - i * cell_));
    for (int pass = 0; pass < 3; ++pass) {
      smooth(1, count_);
      smooth(count_, 1);
    }
  }
  // The values along line `y` of a film of `size` px.
  void row(int y, int size, std::vector<float>& out) const {
    const float fy = (static_cast<float>(y) + 0.5f) / static_cast<float>(cell_) - 0.5f;
    const int y0 = std::clamp(static_cast<int>(std::floor(fy)), 0, count_ - 1), y1 = std::min(y0 + 1, count_ - 1);
    const float wy = std::clamp(fy - static_cast<float>(y0), 0.0f, 1.0f);
    for (int i = 0; i < size; ++i) {
      const float fx = (static_cast<float>(i) + 0.5f) / static_cast<float>(cell_) - 0.5f;
      const int x0 = std::max(0, static_cast<int>(fx)), x1 = std::min(x0 + 1, count_ - 1);
      const float wx = std::max(0.0f, fx - static_cast<float>(x0));
      const float top = at(y0, x0) + wx * (at(y0, x1) - at(y0, x0)),
                  bottom = at(y1, x0) + wx * (at(y1, x1) - at(y1, x0));
      out[static_cast<size_t>(i)] = top + wy * (bottom - top);
    }
  }

 private:
  float& at(int row, int i) { return values_[static_cast<size_t>(row) * count_ + i]; }
  float at(int row, int i) const { return values_[static_cast<size_t>(row) * count_ + i]; }
  void smooth(int step, int across) {  // [1 2 3 2 1] / 9 along one direction
    std::vector<float> line(static_cast<size_t>(count_));
    for (int k = 0; k < count_; ++k) {
      float* start = values_.data() + static_cast<size_t>(k) * across;
      for (int i = 0; i < count_; ++i) {
        const auto value = [&](int j) { return start[static_cast<size_t>(std::clamp(j, 0, count_ - 1)) * step]; };
        line[static_cast<size_t>(i)] =
            (value(i - 2) + 2 * value(i - 1) + 3 * value(i) + 2 * value(i + 1) + value(i + 2)) / 9;
      }
      for (int i = 0; i < count_; ++i) start[static_cast<size_t>(i) * step] = line[static_cast<size_t>(i)];
    }
  }
  int cell_, count_ = 0;
  std::vector<float> values_;
};

}  // namespace hilum::phantom
