// Any bytes as an EXIF structure, and as a JPEG stream whose segments are read: no crash, no reading past the end.
#include <cstddef>
#include <cstdint>
#include <span>

#include "image/jpeg_header.h"
#include "image/orientation.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)hilum::read_exif_orientation(bytes);
  (void)hilum::read_exif_orientation(hilum::read_jpeg_header(bytes).exif);
  return 0;
}
