#include <cstdint>

#include "base/error.h"
#include "search/flat_vectors.h"

// Every byte the header lets be read is touched.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const hilum::VectorRows rows = hilum::parse_vectors({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
    unsigned sum = 0;
    for (int64_t i = 0; i < rows.count; ++i) sum += std::to_integer<unsigned>(rows.row(i)[rows.row_bytes() - 1]);
    return sum == 0xffffffff ? 1 : 0;
  } catch (const hilum::Error&) {
  }
  return 0;
}
