#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "search/graph_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint64_t count = 0;  // as many rows as the file says, so that the check goes on past that field
  if (size >= 24) std::memcpy(&count, data + 16, sizeof count);
  try {
    hilum::check_graph({reinterpret_cast<const std::byte*>(data), size}, static_cast<int64_t>(count), "fuzz");
  } catch (const hilum::Error&) {
  }
  return 0;
}
