// Any bytes as a text to be cleaned.
#include <cstdint>

#include "base/utf8.h"
#include "text/clean_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string cleaned =
      hilum::clean_text({reinterpret_cast<const char*>(data), size}, hilum::TextCleaning::kOpenClip);
  if (!hilum::is_utf8(cleaned)) __builtin_trap();
  return 0;
}
