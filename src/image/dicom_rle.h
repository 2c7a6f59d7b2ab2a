// RLE-compressed DICOM frames (PS3.5 annex G): byte planes in PackBits segments. Our own, because files from outside
// must not be able to make the reader write past a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hilum {

// `planes` segments of `pixels` bytes each (high byte first within a sample, samples in turn), one after the other.
// Throws Error naming `where`: another number of segments, a segment that is cut off, too short, or holds more.
std::vector<uint8_t> decode_dicom_rle(
    std::span<const uint8_t> frame, size_t planes, size_t pixels, const std::string& where);

}  // namespace hilum
