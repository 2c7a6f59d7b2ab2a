// Whatever the two texts (cut at the first NUL), there is a summary or a reason, or an Error from a pattern that gave
// up.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "datasets/curation/summary.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t cut = std::min(all.find('\0'), all.size());
  for (const auto mode : {hilum::SummaryMode::kSoft, hilum::SummaryMode::kStrict}) try {
      const hilum::Summary s = hilum::summarise(all.substr(0, cut), all.substr(std::min(cut + 1, all.size())), mode,
          {.findings_words = 1, .impression_words = 1});
      if (s.text.empty() == s.why.empty()) std::abort();
    } catch (const hilum::Error&) {
    }
  return 0;
}
