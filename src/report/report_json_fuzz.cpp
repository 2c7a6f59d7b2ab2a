// Any bytes as a report file.
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "report/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const hilum::Report report = hilum::report_from_json(hilum::parse_json(bytes, "fuzz"), "fuzz");
    (void)hilum::to_json_text(report);
    (void)hilum::to_text(report);
  } catch (const hilum::Error&) {
  }
  return 0;
}
