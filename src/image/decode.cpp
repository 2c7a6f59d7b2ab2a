#include "image/decode.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string_view>

#include <fmt/core.h>

#include "base/error.h"
#include "base/file.h"
#include "base/stand_in.h"
#include "image/decoders.h"

namespace hilum {
namespace {

constexpr int kSmallestUsefulPx = 64;

// Formats that people try and that are not read, so that the error can name them.
struct ForeignFormat {
  std::string_view magic, name;
};
using namespace std::string_view_literals;  // sv keeps the NULs
constexpr std::array<ForeignFormat, 9> kForeign = {{
    {"GIF8"sv, "GIF"},
    {"BM"sv, "BMP"},
    {"II*\0"sv, "TIFF"},
    {"MM\0*"sv, "TIFF"},
    {"RIFF"sv, "WebP or another RIFF"},
    {"%PDF"sv, "PDF"},
    {"\0\0\0\x0cjP  "sv, "JPEG 2000 (outside DICOM)"},
    {"\xff\x4f\xff\x51"sv, "JPEG 2000 (outside DICOM)"},
    {"\x1f\x8b"sv, "gzip"},
}};

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

DecodedImage decode_by_content(
    std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels, int dicom_grey_bits) {
  if (bytes.empty()) throw Error(where, "is empty", "Give a PNG, JPEG or DICOM file.");
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n")) return decode_png(bytes, where, max_pixels);
  if (looks_like_dicom(bytes)) return decode_dicom(bytes, where, max_pixels, dicom_grey_bits);
  if (starts_with(bytes, "\xff\xd8\xff")) return decode_jpeg(bytes, where, max_pixels);
  for (const ForeignFormat& foreign : kForeign)
    if (starts_with(bytes, foreign.magic))
      throw Error(where, fmt::format("is a {} file, which is not read", foreign.name),
          "Convert it to PNG, or give the DICOM file.");
  refuse_stand_in({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, where);
  throw Error(where, fmt::format("is not a PNG, JPEG or DICOM file ({} bytes)", bytes.size()),
      "Give a PNG, JPEG or DICOM file.");
}

}  // namespace

void check_dimensions(int64_t width, int64_t height, const std::string& where, int64_t max_pixels) {
  if (width < 1 || height < 1)
    throw Error(where, fmt::format("has no pixels ({} x {} in its header)", width, height),
        "The file is damaged; export it again.");
  if (width > kMaxImageSide || height > kMaxImageSide || width * height > max_pixels)
    throw Error(where,
        fmt::format("is {} x {} pixels by its header, over the limit of {} megapixels and 1,000,000 a side", width,
            height, max_pixels / 1'000'000),
        "A radiograph is far smaller: export it again, or reduce it first.");
}

DecodedImage decode_image(
    std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels, int dicom_grey_bits) {
  DecodedImage decoded = decode_by_content(bytes, where, max_pixels, dicom_grey_bits);
  const Image& pixels = decoded.pixels;
  if (std::min(pixels.width, pixels.height) < kSmallestUsefulPx)
    decoded.warnings.push_back(
        fmt::format("the image is only {} x {} pixels, too small to show a chest", pixels.width, pixels.height));
  return decoded;
}

DecodedImage decode_image_file(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  return decode_image(std::as_bytes(std::span(bytes)), path.string());
}

bool is_dicom_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 512> start{};
  file.read(start.data(), start.size());
  return looks_like_dicom(std::as_bytes(std::span(start.data(), static_cast<size_t>(file.gcount()))));
}

ImageMetadata read_dicom_metadata(const std::filesystem::path& path) {
  const MappedFile file(path);
  return dicom_metadata(file.bytes(), path.string());
}

}  // namespace hilum
