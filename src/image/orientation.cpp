#include "image/orientation.h"

#include <array>
#include <cstdint>

#include <fmt/core.h>

#include "base/error.h"

namespace hilum {
namespace {

constexpr uint32_t kOrientation = 0x0112, kShort = 3, kLong = 4;

class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes) : bytes_(bytes) {
    if (bytes.size() < 8) return;
    big_ = byte(0) == 'M';
    valid_ = byte(0) == byte(1) && (byte(0) == 'M' || byte(0) == 'I') && u16(2) == 42;
  }
  bool valid() const { return valid_; }
  bool has(size_t offset, size_t count) const { return offset <= bytes_.size() && count <= bytes_.size() - offset; }
  uint32_t u16(size_t i) const { return big_ ? byte(i) << 8 | byte(i + 1) : byte(i + 1) << 8 | byte(i); }
  uint32_t u32(size_t i) const { return big_ ? u16(i) << 16 | u16(i + 2) : u16(i + 2) << 16 | u16(i); }

 private:
  uint32_t byte(size_t i) const { return std::to_integer<uint32_t>(bytes_[i]); }
  std::span<const std::byte> bytes_;
  bool big_ = false, valid_ = false;
};

template <typename T>
std::vector<T> turned(
    const std::vector<T>& in, const Image& stored, const Image& out, int orientation, int samples_of_a_pixel) {
  const int right = stored.width - 1, bottom = stored.height - 1;
  const auto channels = static_cast<size_t>(samples_of_a_pixel);
  std::vector<T> samples;
  if (in.empty()) return samples;  // the picture's samples are of the other depth
  samples.reserve(in.size());
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x) {
      int from_x = orientation > 4 ? y : x, from_y = orientation > 4 ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) from_x = right - from_x;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) from_y = bottom - from_y;
      const size_t at =
          (static_cast<size_t>(from_y) * static_cast<size_t>(stored.width) + static_cast<size_t>(from_x)) * channels;
      samples.insert(
          samples.end(), in.begin() + static_cast<ptrdiff_t>(at), in.begin() + static_cast<ptrdiff_t>(at + channels));
    }
  return samples;
}

}  // namespace

int read_exif_orientation(std::span<const std::byte> bytes) {
  const Tiff tiff(bytes);
  if (!tiff.valid()) return 0;
  const size_t directory = tiff.u32(4);
  if (!tiff.has(directory, 2)) return 0;
  const size_t entries = tiff.u16(directory);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (!tiff.has(entry, 12)) return 0;
    if (tiff.u16(entry) != kOrientation) continue;
    const uint32_t type = tiff.u16(entry + 2);
    if (tiff.u32(entry + 4) != 1 || (type != kShort && type != kLong)) return 0;
    return static_cast<int>(type == kShort ? tiff.u16(entry + 8) : tiff.u32(entry + 8) & 0x7fffffff);
  }
  return 0;
}

Image upright(const Image& stored, int orientation) {
  invariant(orientation >= 1 && orientation <= 8, "an orientation");
  if (orientation == 1) return stored;
  Image out = stored;
  if (orientation > 4) std::swap(out.width, out.height);
  out.data8 = turned(stored.data8, stored, out, orientation, stored.channels);
  out.data16 = turned(stored.data16, stored, out, orientation, stored.channels);
  out.alpha8 = turned(stored.alpha8, stored, out, orientation, 1);
  return out;
}

void apply_exif_orientation(std::span<const std::byte> tiff, DecodedImage& decoded) {
  constexpr std::array<const char*, 9> kDone = {"", "", "mirrored", "turned by 180 degrees", "flipped upside down",
      "transposed", "turned by 90 degrees clockwise", "transposed along the other diagonal",
      "turned by 90 degrees counter-clockwise"};
  const int orientation = read_exif_orientation(tiff);
  if (orientation > 8)
    decoded.warnings.push_back(fmt::format(
        "the EXIF orientation of the file is {}, which is none (1 to 8); the picture is left as stored", orientation));
  if (orientation < 2 || orientation > 8) return;
  decoded.pixels = upright(decoded.pixels, orientation);
  decoded.steps.push_back(fmt::format("exif orientation {}: {}", orientation, kDone[static_cast<size_t>(orientation)]));
}

}  // namespace hilum
