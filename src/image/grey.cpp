#include "image/grey.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/error.h"

namespace hilum {
namespace {

Image shaped_like(const Image& image, int channels, int bits) {
  Image out;
  out.width = image.width;
  out.height = image.height;
  out.channels = channels;
  out.bits = bits;
  return out;
}

template <typename T>
void grey_samples(const std::vector<T>& rgb, std::vector<T>& grey) {
  grey.resize(rgb.size() / 3);
  for (size_t i = 0; i < grey.size(); ++i) {
    // 65535 * 65536 + 32768 fits 32 bits without sign
    const uint32_t sum = 19595u * rgb[3 * i] + 38470u * rgb[3 * i + 1] + 7471u * rgb[3 * i + 2] + 32768u;
    grey[i] = static_cast<T>(sum >> 16);
  }
}

template <typename T>
bool all_equal(const std::vector<T>& samples) {
  return std::adjacent_find(samples.begin(), samples.end(), std::not_equal_to<>()) == samples.end();
}

}  // namespace

Image to_grey(const Image& image) {
  if (image.channels == 1) return image;
  invariant(image.channels == 3, "one or three channels");
  Image out = shaped_like(image, 1, image.bits);
  if (image.bits == 16) grey_samples(image.data16, out.data16);
  else grey_samples(image.data8, out.data8);
  return out;
}

Image to_8_bit(const Image& image, std::string& step) {
  step.clear();
  if (image.bits == 8) return image;
  invariant(image.bits == 16 && !image.data16.empty(), "8 or 16 bit");
  const auto [low, high] = std::minmax_element(image.data16.begin(), image.data16.end());
  const uint32_t min = *low, range = std::max(1u, uint32_t{*high} - min);
  Image out = shaped_like(image, image.channels, 8);
  out.data8.resize(image.data16.size());
  for (size_t i = 0; i < out.data8.size(); ++i)
    out.data8[i] = static_cast<uint8_t>(((image.data16[i] - min) * 255u + range / 2) / range);
  step = fmt::format("16 bit to 8 bit ({}..{} to 0..255)", *low, *high);
  return out;
}

bool is_constant(const Image& image) { return image.bits == 16 ? all_equal(image.data16) : all_equal(image.data8); }

Image stretch_min_max(const Image& image, const std::string& where) {
  invariant(image.channels == 1 && image.bits == 8 && !image.data8.empty(), "8-bit grey");
  const auto [low, high] = std::minmax_element(image.data8.begin(), image.data8.end());
  if (*low == *high)
    throw Error(
        where, fmt::format("is a constant image: every pixel is {}", *low), "Give a picture that shows something.");
  const double min = *low, max = static_cast<double>(*high) - min;
  std::array<uint8_t, 256> table{};
  for (int v = *low; v <= *high; ++v) {
    double value = v;
    value -= min;
    value /= max;
    value *= 255;
    table[static_cast<size_t>(v)] = static_cast<uint8_t>(value);
  }
  Image out = shaped_like(image, 1, 8);
  out.data8.resize(image.data8.size());
  std::transform(image.data8.begin(), image.data8.end(), out.data8.begin(), [&](uint8_t v) { return table[v]; });
  return out;
}

}  // namespace hilum
