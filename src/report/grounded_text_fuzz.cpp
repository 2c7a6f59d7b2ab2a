// Any text as a model's answer: the lenient reader never fails, and agrees with the strict one where that succeeds.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "report/grounded_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const hilum::GroundedText loose = hilum::parse_grounded(text, hilum::Mode::kLenient);
  try {
    if (hilum::parse_grounded(text, hilum::Mode::kStrict).findings.size() != loose.findings.size()) std::abort();
  } catch (const hilum::Error&) {
  }
  return 0;
}
