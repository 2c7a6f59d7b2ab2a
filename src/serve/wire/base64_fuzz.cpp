// What either form of base64 reads is written and read again alike; image references end in bytes or an Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/base64.h"
#include "serve/wire/data_uri.h"
#include "serve/wire/reply.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const std::string bytes = hilum::base64_decode_lenient(text, "fuzz");
    if (hilum::base64_decode_strict(hilum::base64_encode(bytes), "fuzz") != bytes) std::abort();
  } catch (const hilum::Error&) {
  }
  try {
    const std::string bytes = hilum::base64_decode_strict(text, "fuzz");
    if (hilum::base64_decode_lenient(text, "fuzz") != bytes) std::abort();
  } catch (const hilum::Error&) {
  }
  try {
    if (hilum::read_image_reference(text, "fuzz").bytes.empty()) std::abort();
  } catch (const hilum::Error&) {
  }
  return 0;
}
