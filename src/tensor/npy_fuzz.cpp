#include <cstdint>

#include "base/error.h"
#include "tensor/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    hilum::parse_npy_header({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
  } catch (const hilum::Error&) {
  }
  return 0;
}
