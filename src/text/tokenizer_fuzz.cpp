// Any bytes as tokenizer.json; and, where they load, any text through the tokenizer.
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const hilum::Tokenizer tokenizer = hilum::parse_tokenizer(bytes, "fuzz");
    const auto ids = tokenizer.encode(bytes.substr(0, 4096), true);
    (void)tokenizer.decode(ids, true);
  } catch (const hilum::Error&) {
  }
  return 0;
}
