// Any bytes as tokenizer.json; and, where they load, any text through the tokenizer.
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const hilum::Tokenizer tokenizer = hilum::parse_tokenizer(bytes, "fuzz");
    const std::string_view text = bytes.substr(0, 4096);
    (void)tokenizer.decode(tokenizer.encode(text, true), true);
    (void)tokenizer.decode(tokenizer.encode_text(text).ids, false);  // the file's own truncation and padding
    (void)tokenizer.encode_text({std::string(text), false}, {.max_length = 9, .pad_to = 16});
  } catch (const hilum::Error&) {
  }
  return 0;
}
