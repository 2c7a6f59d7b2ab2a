#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "models/files/preset.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    hilum::parse_preset({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const hilum::Error&) {
  }
  return 0;
}
