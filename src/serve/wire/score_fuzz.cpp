// Whatever the body of /score, reading it ends in rows or an Error that can be written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "serve/wire/azure.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const hilum::ScoreRequest request = hilum::read_score({reinterpret_cast<const char*>(data), size});
    for (const hilum::ScoreRow& row : request.rows)
      if (request.kind == hilum::ScoreKind::kReports ? row.frontal.empty() : row.image.empty() && !row.text)
        std::abort();
  } catch (const hilum::Error& error) {
    if (hilum::azure_error(error).body.empty()) std::abort();
  }
  return 0;
}
