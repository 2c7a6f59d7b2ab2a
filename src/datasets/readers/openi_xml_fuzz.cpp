// Whatever the bytes, reading ends in a report with an identifier or an Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "datasets/readers/openi_xml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    if (hilum::parse_openi_xml({reinterpret_cast<const char*>(data), size}, "fuzz").id.empty()) std::abort();
  } catch (const hilum::Error&) {
  }
  return 0;
}
