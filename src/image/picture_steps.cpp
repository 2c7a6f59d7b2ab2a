#include "image/picture_steps.h"

#include <algorithm>
#include <span>

#include <fmt/core.h>

#include "base/error.h"
#include "image/decode.h"
#include "image/encode.h"
#include "image/resample.h"

namespace hilum {

Image to_rgb(const Image& image) {
  invariant(image.bits == 8, "8-bit picture");
  if (image.channels == 3) return image;
  Image out = image;
  out.channels = 3;
  out.data8.clear();
  out.data8.reserve(image.data8.size() * 3);
  for (const uint8_t value : image.data8) out.data8.insert(out.data8.end(), 3, value);
  return out;
}

Image pad_square(const Image& image, int min_side, uint8_t value, const std::string& where) {
  invariant(image.bits == 8 && image.width > 0 && image.height > 0, "8-bit picture");
  const int side = std::max({image.width, image.height, min_side});
  if (int64_t{side} * side > kMaxImagePixels)
    throw Error(where,
        fmt::format("is {} x {} px and would be padded to {} x {} px", image.width, image.height, side, side),
        "Crop the picture first.");
  Image out;
  out.width = out.height = side;
  out.channels = image.channels;
  const size_t channels = static_cast<size_t>(image.channels), row = static_cast<size_t>(side) * channels;
  const size_t in_row = static_cast<size_t>(image.width) * channels;
  const auto left = static_cast<size_t>((side - image.width) / 2), top = static_cast<size_t>((side - image.height) / 2);
  out.data8.assign(row * static_cast<size_t>(side), value);
  for (size_t y = 0; y < static_cast<size_t>(image.height); ++y)
    std::copy_n(image.data8.begin() + static_cast<ptrdiff_t>(y * in_row), in_row,
        out.data8.begin() + static_cast<ptrdiff_t>((top + y) * row + left * channels));
  return out;
}

Image standardize(const Image& image, int side, int quality, const std::string& where) {
  const std::string jpeg = encode_jpeg(to_rgb(resize(image, side, side, Resample::kBicubic)), quality);
  return to_rgb(decode_image(std::as_bytes(std::span(jpeg)), where).pixels);
}

}  // namespace hilum
