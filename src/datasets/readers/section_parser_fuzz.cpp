// Whatever the text, there is a section, each lies in the report in order, and none begins before the one before it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "datasets/readers/section_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto sections = hilum::parse_sections(text);
  if (sections.empty()) std::abort();
  size_t before = 0;
  for (const auto& s : sections) {
    if (s.offset < before || s.offset > text.size() || text.find(s.text, s.offset) == std::string_view::npos)
      std::abort();
    before = s.offset;
  }
  hilum::label_text(text, "");
  hilum::label_text(text, "s53182247");
  return 0;
}
