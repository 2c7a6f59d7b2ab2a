// Whatever the body of /v1/responses, reading it ends in a request that ends with the user's message, or an Error; and
// a pattern it asks for is an automaton, or an Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "serve/wire/openai_responses.h"
#include "serve/wire/text_form.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const hilum::ChatRequest request = hilum::read_responses({reinterpret_cast<const char*>(data), size});
    if (request.messages.empty() || request.messages.back().role != "user") std::abort();
    if (request.form.kind == hilum::AskedForm::Kind::kPattern)
      hilum::TextForm::of({.patterns = {request.form.text}}, request.form.where);
  } catch (const hilum::Error& error) {
    if (error.what()[0] == 0) std::abort();
  }
  return 0;
}
