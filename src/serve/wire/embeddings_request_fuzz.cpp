// Whatever the body of /v1/embeddings, each input read is one text or one picture.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "serve/wire/openai_embeddings.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    for (const hilum::ContentPart& input : hilum::read_embeddings({reinterpret_cast<const char*>(data), size}).inputs)
      if (input.is_image() == !input.text.empty()) std::abort();
  } catch (const hilum::Error&) {
  }
  return 0;
}
