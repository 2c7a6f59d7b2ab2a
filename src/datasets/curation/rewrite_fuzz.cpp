// Whatever an endpoint answers and whatever the record of rewriting holds, it is read or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "datasets/curation/rewrite_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    if (hilum::read_completion(text).text.empty()) std::abort();
  } catch (const hilum::Error&) {
  }
  try {
    if (hilum::read_dialogue(text).turns.empty()) std::abort();
  } catch (const hilum::Error&) {
  }
  size_t whole = 0;
  try {
    for (const hilum::RewriteLine& line : hilum::read_rewrite_lines(text, "record", whole)) {
      size_t again = 0;
      const auto read = hilum::read_rewrite_lines(hilum::rewrite_line_json(line) + "\n", "written", again);
      if (read.size() != 1 || read[0].answer != line.answer || read[0].before != line.before) std::abort();
    }
    if (whole > size) std::abort();
  } catch (const hilum::Error&) {
  }
  return 0;
}
