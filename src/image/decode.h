// Bytes of a PNG, JPEG or DICOM file -> display-ready pixels, and what was done to get them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "image/image.h"

namespace hilum {

// Larger pictures are refused from their header, before anything is allocated for them.
inline constexpr int64_t kMaxImagePixels = 100'000'000;
inline constexpr int64_t kMaxImageSide = 1'000'000;  // px

// The format is found by content, never by name. `where` names the source in errors and is all that errors say of it
// beside the technical cause: no patient data. 16-bit PNGs stay 16-bit grey (preprocess() rescales them); all else
// comes out as 8 bit (grey of DICOM as 16 where `dicom_grey_bits` says so, for eyes; the models are fed 8), DICOM with
// modality and VOI transforms applied and MONOCHROME1 inverted. EXIF orientation of PNG and JPEG is applied (the
// published pipelines pass over it); alpha is ignored.
// Throws Error: empty, another format, damaged or truncated, no pixels or more than `max_pixels`, a form that is not
// read (named).
DecodedImage decode_image(std::span<const std::byte> bytes, const std::string& where,
    int64_t max_pixels = kMaxImagePixels, int dicom_grey_bits = 8);

// The same for a file (at most 1 GiB). Throws Error naming the path.
DecodedImage decode_image_file(const std::filesystem::path& path);

// Whether the file begins as DICOM does. False too for what cannot be opened.
bool is_dicom_file(const std::filesystem::path& path);
// What a DICOM file says about itself, without decoding its pixels. Throws Error naming the path.
ImageMetadata read_dicom_metadata(const std::filesystem::path& path);

}  // namespace hilum
