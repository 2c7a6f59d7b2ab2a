// Whatever the body of /v1/chat/completions, reading it ends in a request that ends with the user's message, or an
// Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "serve/wire/openai_chat.h"
#include "serve/wire/openai_errors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const hilum::ChatRequest request = hilum::read_chat({reinterpret_cast<const char*>(data), size});
    if (request.messages.empty() || request.messages.back().role != "user" || request.stop.size() > 4) std::abort();
  } catch (const hilum::Error& error) {
    if (hilum::openai_error(error).body.empty()) std::abort();
  }
  return 0;
}
