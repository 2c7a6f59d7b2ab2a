#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "eval/labels/label_table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<hilum::Problem> problems;
  try {
    hilum::parse_label_table({reinterpret_cast<const char*>(data), size}, "fuzz", problems);
  } catch (const hilum::Error&) {
  }
  return 0;
}
