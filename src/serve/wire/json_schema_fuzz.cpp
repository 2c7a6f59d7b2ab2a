// A schema, a line end, a text: the constraint takes what it says it accepts, and what it calls complete is JSON. A
// text it refuses can still be gone on from: some byte may follow, or the text may end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "serve/wire/json_constraint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(all.find('\n'), all.size());
  try {
    hilum::JsonConstraint constraint(std::make_shared<hilum::JsonSchema>(hilum::JsonSchema::parse(all.substr(0, end))));
    std::string written;
    for (const char c : all.substr(std::min(end + 1, all.size()))) {
      const std::string_view piece(&c, 1);
      const bool accepts = constraint.accepts(piece);
      if (constraint.advance(piece) != accepts) std::abort();
      if (!accepts) break;
      written += c;
      if (constraint.complete() && !nlohmann::json::accept(written)) std::abort();
    }
    if (!constraint.complete() && constraint.next_bytes().none()) std::abort();
  } catch (const hilum::Error&) {
  }
  return 0;
}
