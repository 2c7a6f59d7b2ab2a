// One decoder per format, for decode.cpp alone; each in a file of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "image/decode.h"

namespace hilum {

DecodedImage decode_png(std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels);
DecodedImage decode_jpeg(std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels);
DecodedImage decode_dicom(
    std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels, int grey_bits);
ImageMetadata dicom_metadata(std::span<const std::byte> bytes, const std::string& where);

// The DICM prefix at byte 128, or the start of a data set without preamble.
bool looks_like_dicom(std::span<const std::byte> bytes);

// Throws Error unless the picture has 1 to max_pixels pixels. Called with the header's numbers, before any allocation.
void check_dimensions(int64_t width, int64_t height, const std::string& where, int64_t max_pixels = kMaxImagePixels);

}  // namespace hilum
