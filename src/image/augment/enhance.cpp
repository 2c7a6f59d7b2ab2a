#include "image/augment/enhance.h"

#include <cstddef>
#include <numeric>

#include "base/error.h"
#include "image/grey.h"
#include "image/picture_steps.h"

namespace hilum {
namespace {

// Image.blend(lacking, image, factor): in float32, truncated.
Image blend(const Image& lacking, const Image& image, double factor) {
  const auto alpha = static_cast<float>(factor);
  if (alpha == 0.0f) return lacking;
  if (alpha == 1.0f) return image;
  invariant(lacking.data8.size() == image.data8.size(), "pictures of one size");
  Image out = image;
  for (size_t i = 0; i < out.data8.size(); ++i) {
    const int from = lacking.data8[i];
    const float value = static_cast<float>(from) + alpha * static_cast<float>(image.data8[i] - from);
    out.data8[i] = value <= 0.0f ? 0 : value >= 255.0f ? 255 : static_cast<uint8_t>(value);
  }
  return out;
}

Image filled_like(const Image& image, uint8_t value) {
  Image out = image;
  out.data8.assign(image.data8.size(), value);
  return out;
}

// ImageFilter.SMOOTH: ones around a five, divided by 13 and rounded; the border is kept.
Image smoothed(const Image& image) {
  Image out = image;
  const auto step = static_cast<size_t>(image.channels), row = static_cast<size_t>(image.width) * step;
  for (int y = 1; y + 1 < image.height; ++y)
    for (int x = 1; x + 1 < image.width; ++x)
      for (size_t c = 0; c < step; ++c) {
        const size_t at = static_cast<size_t>(y) * row + static_cast<size_t>(x) * step + c;
        int sum = 4 * image.data8[at];
        for (const size_t line : {at - row, at, at + row})
          sum += image.data8[line - step] + image.data8[line] + image.data8[line + step];
        out.data8[at] = static_cast<uint8_t>((2 * sum + 13) / 26);
      }
  return out;
}

}  // namespace

Image adjust_brightness(const Image& image, double factor) { return blend(filled_like(image, 0), image, factor); }

Image adjust_color(const Image& image, double factor) {
  if (image.channels == 1) return image;
  return blend(to_rgb(to_grey(image)), image, factor);
}

Image adjust_contrast(const Image& image, double factor) {
  const Image grey = to_grey(image);
  const int64_t sum = std::accumulate(grey.data8.begin(), grey.data8.end(), int64_t{0});
  const double mean = static_cast<double>(sum) / static_cast<double>(grey.data8.size());
  return blend(filled_like(image, static_cast<uint8_t>(mean + 0.5)), image, factor);
}

Image adjust_sharpness(const Image& image, double factor) { return blend(smoothed(image), image, factor); }

}  // namespace hilum
