// Any bytes behind a JPEG start: an image or an Error. Small limits keep a run fast.
#include "image/decode.h"

#include <string>

#include "base/error.h"

namespace {

// True when some frame header (FFC0 to FFCF) asks for more than 4095 px a side.
bool is_large(const std::string& bytes) {
  for (size_t i = 0; i + 9 <= bytes.size(); ++i)
    if (bytes[i] == '\xff' && (bytes[i + 1] & 0xf0) == 0xc0 && ((bytes[i + 5] & 0xf0) || (bytes[i + 7] & 0xf0)))
      return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes = "\xff\xd8\xff" + std::string(reinterpret_cast<const char*>(data), size);
  if (is_large(bytes)) return 0;
  try {
    hilum::decode_image(std::as_bytes(std::span(bytes)), "fuzz");
  } catch (const hilum::Error&) {
  }
  return 0;
}
