#include "eval/labels/report_texts.h"

#include <cstddef>
#include <cstdint>

#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    hilum::report_texts_of_file({reinterpret_cast<const char*>(data), size}, "x");
  } catch (const hilum::Error&) {
  }
  return 0;
}
