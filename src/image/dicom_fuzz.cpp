// Any bytes as a DICOM file (seeds: testdata/image/dicom): an image or an Error.
#include "image/decode.h"

#include <cstring>
#include <span>

#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (size >= 4 && std::memcmp(data, "\x89PNG", 4) == 0) return 0;  // has a target of its own
  try {
    hilum::decode_image(bytes, "fuzz");
  } catch (const hilum::Error&) {
  }
  return 0;
}
