#include "image/augment/draw_rect.h"

#include <cmath>

namespace hilum {
namespace {

constexpr int kTries = 10;

PixelRect size_of(double square_width, double square_height) {
  return {0, 0, static_cast<int>(std::nearbyint(std::sqrt(square_width))),
      static_cast<int>(std::nearbyint(std::sqrt(square_height)))};
}

double area_px(int width, int height) { return static_cast<double>(width) * static_cast<double>(height); }

// The first of ten tries that `size` takes, at a place of the picture.
template <typename Size>
std::optional<PixelRect> draw_rect(
    int width, int height, const DrawRange& area, const DrawRange& ratio, Rng& rng, Size size) {
  for (int i = 0; i < kTries; ++i) {
    const AreaDraw draw = draw_area(area, ratio, rng);
    std::optional<PixelRect> rect = size(width, height, draw);
    if (!rect) continue;
    rect->top = static_cast<int>(rng.below(static_cast<uint32_t>(height - rect->height + 1)));
    rect->left = static_cast<int>(rng.below(static_cast<uint32_t>(width - rect->width + 1)));
    return rect;
  }
  return std::nullopt;
}

}  // namespace

AreaDraw draw_area(const DrawRange& area, const DrawRange& ratio, Rng& rng) {
  AreaDraw draw;
  draw.area = rng.uniform(area.low, area.high);
  draw.ratio = std::exp(rng.uniform(std::log(ratio.low), std::log(ratio.high)));
  return draw;
}

std::optional<PixelRect> crop_size(int width, int height, const AreaDraw& draw) {
  const double area = area_px(width, height) * draw.area;
  const PixelRect rect = size_of(area * draw.ratio, area / draw.ratio);
  if (rect.width < 1 || rect.width > width || rect.height < 1 || rect.height > height) return std::nullopt;
  return rect;
}

std::optional<PixelRect> erased_size(int width, int height, const AreaDraw& draw) {
  const double area = area_px(width, height) * draw.area;
  const PixelRect rect = size_of(area / draw.ratio, area * draw.ratio);
  if (rect.width >= width || rect.height >= height) return std::nullopt;
  return rect;
}

PixelRect fallback_crop(int width, int height, const DrawRange& ratio) {
  const double whole = static_cast<double>(width) / static_cast<double>(height);
  PixelRect rect{0, 0, width, height};
  if (whole < ratio.low) rect.height = static_cast<int>(std::nearbyint(width / ratio.low));
  else if (whole > ratio.high) rect.width = static_cast<int>(std::nearbyint(height * ratio.high));
  rect.left = (width - rect.width) / 2;
  rect.top = (height - rect.height) / 2;
  return rect;
}

PixelRect draw_crop(int width, int height, const DrawRange& area, const DrawRange& ratio, Rng& rng) {
  const auto rect = draw_rect(width, height, area, ratio, rng, crop_size);
  return rect ? *rect : fallback_crop(width, height, ratio);
}

std::optional<PixelRect> draw_erased(int width, int height, const DrawRange& area, const DrawRange& ratio, Rng& rng) {
  return draw_rect(width, height, area, ratio, rng, erased_size);
}

Image resized_crop(const Image& image, const PixelRect& rect, int width, int height, Resample filter) {
  // A resize that keeps the size is a copy of its window.
  const Image part = resize(image, image.width, image.height, filter, {rect.left, rect.top, rect.width, rect.height});
  return resize(part, width, height, filter);
}

}  // namespace hilum
