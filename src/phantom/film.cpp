#include "phantom/film.h"

#include <algorithm>
#include <cmath>

#include "phantom/coarse_field.h"
#include "phantom/develop.h"
#include "phantom/fmath.h"

namespace hilum::phantom {
namespace {

// [b, 1 - 2b, b] down, then across, in place.
void blur(std::vector<float>& plane, int size, float b) {
  const auto width = static_cast<size_t>(size);
  std::vector<float> above(plane.begin(), plane.begin() + size), here(width);
  for (int row = 0; row < size; ++row) {
    float* line = plane.data() + static_cast<size_t>(row) * width;
    const float* below = row + 1 < size ? line + width : line;
    for (size_t i = 0; i < width; ++i) {
      here[i] = line[i];
      line[i] = b * above[i] + (1 - 2 * b) * line[i] + b * below[i];
    }
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
  std::vector<float> open(plane.size());  // beside the body the beam is open: it scatters little
  for (size_t i = 0; i < plane.size(); ++i) open[i] = std::min(0.25f, plane[i]);
  const CoarseField scatter(open, size, mm);
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

  return develop(std::move(plane), size, mm, exposure);
}

}  // namespace hilum::phantom
