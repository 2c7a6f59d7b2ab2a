// One decoder per format, for decode.cpp alone; each in a file of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "image/image.h"

namespace hilum {

DecodedImage decode_png(std::span<const std::byte> bytes, const std::string& where);
DecodedImage decode_jpeg(std::span<const std::byte> bytes, const std::string& where);
DecodedImage decode_dicom(std::span<const std::byte> bytes, const std::string& where);
ImageMetadata dicom_metadata(std::span<const std::byte> bytes, const std::string& where);

// The DICM prefix at byte 128, or the start of a data set without preamble.
bool looks_like_dicom(std::span<const std::byte> bytes);

// Throws Error unless the picture has 1 pixel to 100 megapixels. Called with the header's numbers, before any allocation.
void check_dimensions(int64_t width, int64_t height, const std::string& where);

}  // namespace hilum
