// Whatever stands in a cell of labels: runs that are read lie within the frame, and so do the boxes around their parts;
// box strings, codes and names of assistants are read or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "datasets/readers/assistant_name.h"
#include "datasets/readers/box_string.h"
#include "datasets/readers/irma_code.h"
#include "datasets/readers/run_lengths.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr int kSide = 1024;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto runs = hilum::parse_run_lengths(text)) {
    hilum::starts_grow(*runs);
    if (const auto placed = hilum::from_relative_starts(*runs, int64_t{kSide} * kSide))
      for (const hilum::PixelRectangle& box : hilum::boxes_of_runs(*placed, kSide, kSide))
        if (box.x_min < 0 || box.y_min < 0 || box.x_max > kSide || box.y_max > kSide || box.x_min >= box.x_max ||
            box.y_min >= box.y_max)
          std::abort();
  }
  hilum::parse_box_string(text);
  int found = 0;
  if (hilum::without_chatdoctor(text, found).size() > text.size()) std::abort();
  if (const auto code = hilum::parse_irma_code(text)) hilum::irma_text(*code, hilum::irma_names());
  return 0;
}
