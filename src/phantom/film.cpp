#include "phantom/film.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "phantom/fmath.h"

namespace hilum::phantom {
namespace {

// Intensity averaged over cells of about 6 mm, then smoothed three times: what scatter looks like. Bilinear reading.
class ScatterField {
 public:
  ScatterField(const std::vector<float>& intensity, int size, float mm) : cell_(std::max(1, static_cast<int>(6.3f / mm))) {
    count_ = (size + cell_ - 1) / cell_;
    values_.assign(static_cast<size_t>(count_) * count_, 0);
    for (int row = 0; row < size; ++row)
      for (int i = 0; i < size; ++i)
        at(row / cell_, i / cell_) += std::min(0.25f, intensity[static_cast<size_t>(row) * size + i]);
    for (int row = 0; row < count_; ++row)
      for (int i = 0; i < count_; ++i)
        at(row, i) /= static_cast<float>((std::min(size, (row + 1) * cell_) - row * cell_) * (std::min(size, (i + 1) * cell_) - i * cell_));
    for (int pass = 0; pass < 3; ++pass) smooth(1, count_), smooth(count_, 1);
  }
  void row(int y, int size, std::vector<float>& out) const {
    const float fy = (static_cast<float>(y) + 0.5f) / static_cast<float>(cell_) - 0.5f;
    const int y0 = std::clamp(static_cast<int>(std::floor(fy)), 0, count_ - 1), y1 = std::min(y0 + 1, count_ - 1);
    const float wy = std::clamp(fy - static_cast<float>(y0), 0.0f, 1.0f);
    for (int i = 0; i < size; ++i) {
      const float fx = (static_cast<float>(i) + 0.5f) / static_cast<float>(cell_) - 0.5f;
      const int x0 = std::max(0, static_cast<int>(fx)), x1 = std::min(x0 + 1, count_ - 1);
      const float wx = std::max(0.0f, fx - static_cast<float>(x0));
      const float top = at(y0, x0) + wx * (at(y0, x1) - at(y0, x0)), bottom = at(y1, x0) + wx * (at(y1, x1) - at(y1, x0));
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
        line[static_cast<size_t>(i)] = (value(i - 2) + 2 * value(i - 1) + 3 * value(i) + 2 * value(i + 1) + value(i + 2)) / 9;
      }
      for (int i = 0; i < count_; ++i) start[static_cast<size_t>(i) * step] = line[static_cast<size_t>(i)];
    }
  }
  int cell_, count_ = 0;
  std::vector<float> values_;
};

// [b, 1 - 2b, b] down, then across, in place.
void blur(std::vector<float>& plane, int size, float b) {
  const auto width = static_cast<size_t>(size);
  std::vector<float> above(plane.begin(), plane.begin() + size), here(width);
  for (int row = 0; row < size; ++row) {
    float* line = plane.data() + static_cast<size_t>(row) * width;
    const float* below = row + 1 < size ? line + width : line;
    for (size_t i = 0; i < width; ++i) here[i] = line[i], line[i] = b * above[i] + (1 - 2 * b) * line[i] + b * below[i];
    std::swap(above, here);
    std::copy(line, line + width, here.begin());
    for (size_t i = 1; i + 1 < width; ++i) line[i] = b * here[i - 1] + (1 - 2 * b) * here[i] + b * here[i + 1];
  }
}

}  // namespace

float quantum_noise(float attenuation, float mm_per_px, const Exposure& exposure) {
  return det_exp(0.5f * std::min(attenuation, 12.0f)) / std::sqrt(exposure.photons_per_mm2) / mm_per_px;
}

Image expose(const Projection& projection, float field_mm, const Exposure& exposure) {
  const int size = projection.size;
  const auto width = static_cast<size_t>(size);
  const float mm = field_mm / static_cast<float>(size);
  std::vector<float> plane(projection.attenuation.size());
  for (size_t i = 0; i < plane.size(); ++i) plane[i] = det_exp(-std::min(projection.attenuation[i], 12.0f));
  const ScatterField scatter(plane, size, mm);
  std::vector<float> around(width);
  const float sigma = 1 / std::sqrt(exposure.photons_per_mm2) / mm;  // of intensity, per sqrt(intensity)
  for (int row = 0; row < size; ++row) {
    scatter.row(row, size, around);
    float* line = plane.data() + static_cast<size_t>(row) * width;
    const uint32_t row_seed = hash32(static_cast<uint32_t>(row) ^ exposure.noise_seed);
    for (size_t i = 0; i < width; ++i) {
      const uint32_t h = hash32(static_cast<uint32_t>(i) * 0x9e3779b1u ^ row_seed);
      const auto sum = static_cast<int32_t>((h & 255u) + ((h >> 8) & 255u) + ((h >> 16) & 255u) + (h >> 24));
      const float normal = static_cast<float>(sum - 510) * (1 / 147.8f);
      const float intensity = line[i] + exposure.scatter * around[i];
      line[i] = -det_log(std::max(2e-4f, intensity + sigma * __builtin_sqrtf(intensity) * normal));
    }
  }
  blur(plane, size, std::min(0.3f, exposure.blur * 0.8f / mm));

  // Display range from the body alone; air outside is black.
  std::array<int, 2048> histogram{};
  int count = 0;
  for (const float value : plane)
    if (value > 0.35f) ++histogram[static_cast<size_t>(std::min(2047, static_cast<int>(value * 256)))], ++count;
  const auto percentile = [&](float share) {
    int left = static_cast<int>(share * static_cast<float>(count)), bin = 0;
    while (bin < 2047 && (left -= histogram[static_cast<size_t>(bin)]) > 0) ++bin;
    return static_cast<float>(bin) / 256;
  };
  const float low = percentile(exposure.low), high = std::max(low + 0.2f, percentile(exposure.high));
  Image image{size, size, 1, 8, std::vector<uint8_t>(plane.size()), {}};
  std::array<float, 1026> curve;
  for (size_t k = 0; k < curve.size(); ++k) {
    const float t = std::min(1.0f, static_cast<float>(k) / 1024);
    const float bent = det_pow(t, exposure.gamma);
    const float s = bent * bent * (3 - 2 * bent);            // a film's S curve, half and half with the straight one
    curve[k] = exposure.toe + (1 - exposure.toe) * (0.5f * bent + 0.5f * s);
  }
  const float scale = 1024 / (high - low), air = 1 / std::max(0.05f, low);
  for (size_t i = 0; i < plane.size(); ++i) {
    const float at = std::min(1024.0f, std::max(0.0f, (plane[i] - low) * scale));
    const auto k = static_cast<int>(at);
    const float shown = curve[static_cast<size_t>(k)] + (at - static_cast<float>(k)) * (curve[static_cast<size_t>(k) + 1] - curve[static_cast<size_t>(k)]);
    const float body = std::min(1.0f, std::max(0.0f, plane[i] * air));  // the floor fades out with the body
    image.data8[i] = static_cast<uint8_t>(255 * std::min(1.0f, shown * (plane[i] < low ? body : 1.0f)) + 0.5f);
  }
  return image;
}

}  // namespace hilum::phantom
