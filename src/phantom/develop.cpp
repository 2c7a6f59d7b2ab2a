#include "phantom/develop.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "phantom/coarse_field.h"
#include "phantom/fmath.h"

namespace hilum::phantom {
namespace {

constexpr float kBody = 0.35f;  // attenuation above which a pixel belongs to the patient

// Digital films show lungs and mediastinum in one picture by taking a share of the slow changes away. Air stays as it
// is.
void equalise(std::vector<float>& plane, int size, float mm, float share) {
  if (share <= 0) return;
  const CoarseField slow(plane, size, mm);
  double sum = 0;
  int64_t count = 0;
  for (const float value : plane)
    if (value > kBody) {
      sum += value;
      ++count;
    }
  const auto mean = static_cast<float>(sum / static_cast<double>(std::max<int64_t>(1, count)));
  std::vector<float> around(static_cast<size_t>(size));
  for (int row = 0; row < size; ++row) {
    slow.row(row, size, around);
    float* line = plane.data() + static_cast<size_t>(row) * static_cast<size_t>(size);
    for (size_t i = 0; i < around.size(); ++i)
      line[i] += std::min(1.0f, std::max(0.0f, line[i]) * 1.25f) * share * (mean - around[i]);
  }
}

struct Range {
  float low, high;
};

// From the body alone, by percentiles; air outside is black.
Range display_range(const std::vector<float>& plane, const Exposure& exposure) {
  std::array<int, 2048> histogram{};
  int count = 0;
  for (const float value : plane)
    if (value > kBody) {
      ++histogram[static_cast<size_t>(std::min(2047, static_cast<int>(value * 256)))];
      ++count;
    }
  const auto percentile = [&](float share) {
    int left = static_cast<int>(share * static_cast<float>(count)), bin = 0;
    while (bin < 2047 && (left -= histogram[static_cast<size_t>(bin)]) > 0) ++bin;
    return static_cast<float>(bin) / 256;
  };
  const float low = percentile(exposure.low);
  return {low, std::max(low + 0.2f, percentile(exposure.high))};
}

void tone(const std::vector<float>& plane, const Range& range, const Exposure& exposure, Image& image) {
  std::array<float, 1026> curve;
  for (size_t k = 0; k < curve.size(); ++k) {
    const float t = std::min(1.0f, static_cast<float>(k) / 1024);
    const float bent = det_pow(t, exposure.gamma);
    const float s = bent * bent * (3 - 2 * bent);  // a film's S curve, half and half with the straight one
    curve[k] = exposure.toe + (1 - exposure.toe) * (0.5f * bent + 0.5f * s);
  }
  const float scale = 1024 / (range.high - range.low), air = 1 / std::max(0.05f, range.low);
  for (size_t i = 0; i < plane.size(); ++i) {
    const float at = std::min(1024.0f, std::max(0.0f, (plane[i] - range.low) * scale));
    const auto k = static_cast<int>(at);
    const float shown =
        curve[static_cast<size_t>(k)] +
        (at - static_cast<float>(k)) * (curve[static_cast<size_t>(k) + 1] - curve[static_cast<size_t>(k)]);
    const float body = std::min(1.0f, std::max(0.0f, plane[i] * air));  // the floor fades out with the body
    image.data8[i] = static_cast<uint8_t>(255 * std::min(1.0f, shown * (plane[i] < range.low ? body : 1.0f)) + 0.5f);
  }
}

// The beam ends inside the film: a dark frame.
void collimate(Image& image, const Exposure& exposure) {
  const auto size = static_cast<float>(image.width);
  for (int row = 0; row < image.height; ++row)
    for (int i = 0; i < image.width; ++i) {
      const float x = static_cast<float>(i) + 0.5f, y = static_cast<float>(row) + 0.5f;
      const float inside = std::min({x - exposure.collimation[0] * size, y - exposure.collimation[1] * size,
          (1 - exposure.collimation[2]) * size - x, (1 - exposure.collimation[3]) * size - y});
      if (inside >= 1) continue;
      uint8_t& pixel =
          image.data8[static_cast<size_t>(row) * static_cast<size_t>(image.width) + static_cast<size_t>(i)];
      pixel = static_cast<uint8_t>(static_cast<float>(pixel) * (0.06f + 0.94f * std::clamp(inside, 0.0f, 1.0f)) + 0.5f);
    }
}

struct Stroke {
  float x0, y0, x1, y1;  // of a letter 1 high
};
constexpr Stroke kLeft[] = {{0, 0, 0, 1}, {0, 1, 0.6f, 1}};
constexpr Stroke kRight[] = {{0, 0, 0, 1}, {0, 0, 0.45f, 0}, {0.45f, 0, 0.62f, 0.25f}, {0.62f, 0.25f, 0.45f, 0.5f},
    {0.45f, 0.5f, 0, 0.5f}, {0.25f, 0.5f, 0.65f, 1}};

// The lead letter: R on the image's left, L on its right.
template <size_t N>
void draw_letter(Image& image, float mm, const Marker& marker, const Stroke (&strokes)[N]) {
  const float height = marker.height_mm / mm, half = 0.09f * height;
  const float left = marker.x * static_cast<float>(image.width), top = marker.y * static_cast<float>(image.height);
  const auto bound = [](float v, int limit) { return std::clamp(static_cast<int>(v), 0, limit); };
  for (int row = bound(top - half - 1, image.height); row < bound(top + height + half + 2, image.height); ++row)
    for (int i = bound(left - half - 1, image.width); i < bound(left + 0.7f * height + half + 2, image.width); ++i) {
      float nearest = 1e9f;
      for (const Stroke& s : strokes) {
        const float px = static_cast<float>(i) + 0.5f - left - s.x0 * height,
                    py = static_cast<float>(row) + 0.5f - top - s.y0 * height;
        const float dx = (s.x1 - s.x0) * height, dy = (s.y1 - s.y0) * height;
        const float t = std::clamp((px * dx + py * dy) / (dx * dx + dy * dy), 0.0f, 1.0f);
        nearest = std::min(nearest, __builtin_sqrtf((px - t * dx) * (px - t * dx) + (py - t * dy) * (py - t * dy)));
      }
      const float cover = std::clamp(half + 0.5f - nearest, 0.0f, 1.0f) * marker.brightness;
      uint8_t& pixel =
          image.data8[static_cast<size_t>(row) * static_cast<size_t>(image.width) + static_cast<size_t>(i)];
      pixel = static_cast<uint8_t>(static_cast<float>(pixel) + (255 - static_cast<float>(pixel)) * cover + 0.5f);
    }
}

}  // namespace

Image develop(std::vector<float> plane, int size, float mm, const Exposure& exposure) {
  equalise(plane, size, mm, exposure.equalise);
  Image image{size, size, 1, 8, std::vector<uint8_t>(plane.size()), {}};
  tone(plane, display_range(plane, exposure), exposure, image);
  collimate(image, exposure);
  if (exposure.marker.letter == 'L') draw_letter(image, mm, exposure.marker, kLeft);
  if (exposure.marker.letter == 'R') draw_letter(image, mm, exposure.marker, kRight);
  return image;
}

}  // namespace hilum::phantom
