// JPEG 2000 code streams (as in DICOM transfer syntaxes .90 and .91), through OpenJPEG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hilum {

// Component planes one after the other, rows top to bottom; sign as the code stream says, at most 16 bits each.
struct Jpeg2000Picture {
  int width = 0, height = 0, components = 0;
  int precision = 0;  // bits of a sample, the largest of its components
  bool is_signed = false, is_lossy = false;
  bool has_colour_transform = false;  // of the code stream's own (RCT or ICT); the samples are RGB again
  std::vector<int32_t> samples;
};

// A bare code stream or a JP2 file. `check` sees what its header says before any sample is decoded, and throws where
// that is not what the surrounding file promises. Throws Error naming `where`: damaged, truncated, subsampled
// components, over 16 bits.
Jpeg2000Picture decode_jpeg2000(
    std::span<const uint8_t> bytes, const std::string& where, const std::function<void(const Jpeg2000Picture&)>& check);

}  // namespace hilum
