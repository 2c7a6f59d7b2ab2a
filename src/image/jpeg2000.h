// JPEG 2000 code streams (as in DICOM transfer syntaxes .90 and .91), through OpenJPEG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hilum {

// Component planes one after the other, rows top to bottom; sign as the code stream says, at most 16 bits each.
struct Jpeg2000Picture {
  int width = 0, height = 0, components = 0;
  std::vector<int32_t> samples;
};

// A bare code stream or a JP2 file. The size must be the one the surrounding file promises; it is compared with the
// header before any sample is decoded. Throws Error naming `where`: damaged, truncated, another size, subsampled
// components, over 16 bits.
Jpeg2000Picture decode_jpeg2000(
    std::span<const uint8_t> bytes, int width, int height, int components, const std::string& where);

}  // namespace hilum
