// Any bytes behind a PNG signature: an image or an Error. Small limits keep a run fast.
#include "image/decode.h"

#include <string>

#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes = "\x89PNG\r\n\x1a\n" + std::string(reinterpret_cast<const char*>(data), size);
  // Width and height of at most 4096: their two high bytes must be 0 (behind length and name of the first chunk).
  if (bytes.size() >= 24 &&
      (bytes[16] || bytes[17] || (bytes[18] & 0xf0) || bytes[20] || bytes[21] || (bytes[22] & 0xf0)))
    return 0;
  try {
    hilum::decode_image(std::as_bytes(std::span(bytes)), "fuzz");
  } catch (const hilum::Error&) {
  }
  return 0;
}
