// Any text as a model's answer: the lenient reader never fails, and agrees with the strict one where that succeeds;
// read piece by piece, cut where its own bytes say, it is the same answer.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "report/grounded_stream.h"
#include "report/grounded_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const hilum::GroundedText loose = hilum::parse_grounded(text, hilum::Mode::kLenient);
  try {
    if (hilum::parse_grounded(text, hilum::Mode::kStrict).findings.size() != loose.findings.size()) std::abort();
  } catch (const hilum::Error&) {
  }
  hilum::GroundedStream stream;
  for (size_t at = 0; at < size;) {
    const size_t length = std::min<size_t>(1 + data[at] % 7, size - at);
    stream.push(text.substr(at, length));
    at += length;
  }
  const hilum::GroundedText streamed = stream.finish(hilum::Mode::kLenient);
  if (streamed.plain != loose.plain || streamed.spans != loose.spans || streamed.warnings != loose.warnings)
    std::abort();
  return 0;
}
