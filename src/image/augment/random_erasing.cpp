#include "image/augment/random_erasing.h"

#include <algorithm>
#include <cstddef>

#include "base/error.h"

namespace hilum {

std::optional<ErasedRect> draw_random_erasing(
    const RandomErasing& erasing, int channels, int width, int height, Rng& rng) {
  if (!rng.chance(erasing.probability)) return std::nullopt;
  const auto rect = draw_erased(width, height, erasing.area, erasing.ratio, rng);
  if (!rect) return std::nullopt;
  ErasedRect erased{.rect = *rect, .value = erasing.value};
  if (erasing.noise) {
    erased.noise.resize(
        static_cast<size_t>(channels) * static_cast<size_t>(rect->height) * static_cast<size_t>(rect->width));
    for (float& value : erased.noise) value = static_cast<float>(rng.normal());
  }
  return erased;
}

void erase(std::span<float> planes, int channels, int width, int height, const ErasedRect& erased) {
  const PixelRect& rect = erased.rect;
  const size_t area = static_cast<size_t>(width) * static_cast<size_t>(height), count = static_cast<size_t>(channels);
  const auto columns = static_cast<size_t>(rect.width), rows = static_cast<size_t>(rect.height);
  invariant(planes.size() == count * area, "planes of the picture's size");
  invariant(rect.left >= 0 && rect.top >= 0 && rect.left + rect.width <= width && rect.top + rect.height <= height,
      "a rectangle of the picture");
  invariant(erased.noise.empty() || erased.noise.size() == count * rows * columns, "noise for each erased sample");
  for (size_t c = 0; c < count; ++c)
    for (size_t y = 0; y < rows; ++y) {
      float* to = planes.data() + c * area + (static_cast<size_t>(rect.top) + y) * static_cast<size_t>(width) +
                  static_cast<size_t>(rect.left);
      if (erased.noise.empty()) std::fill_n(to, columns, erased.value);
      else std::copy_n(&erased.noise[(c * rows + y) * columns], columns, to);
    }
}

}  // namespace hilum
