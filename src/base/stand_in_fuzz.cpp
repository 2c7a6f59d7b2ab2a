// Any bytes as what may stand in a file's place.
#include <cstdint>
#include <string_view>

#include "base/stand_in.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)hilum::stand_in({reinterpret_cast<const char*>(data), size}, "fuzz");
  return 0;
}
