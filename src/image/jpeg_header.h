// What a JPEG or JPEG-LS stream says of itself in the segments before its pixels (ITU-T T.81, T.87, T.871; Adobe
// TN5116), read without a decoder.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace hilum {

enum class JpegProcess { kDct, kLossless, kJpegLs };

struct JpegFrame {
  JpegProcess process = JpegProcess::kDct;
  int width = 0, height = 0;  // px; height 0: said behind the first scan
  int components = 0, precision = 0;
  bool subsampled = false;  // components of several sizes
};

struct JpegHeader {
  std::optional<JpegFrame> frame;
  bool jfif = false;                   // three components are YCbCr then (T.871)
  std::optional<int> adobe_transform;  // 0: RGB, 1: YCbCr
  std::span<const std::byte> exif;     // the TIFF structure of the first Exif segment; empty: none
};

// `stream` begins with the start-of-image marker. Reads up to the first scan; what is damaged ends the reading.
JpegHeader read_jpeg_header(std::span<const std::byte> stream);

}  // namespace hilum
