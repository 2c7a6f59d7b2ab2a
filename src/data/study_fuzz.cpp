// Whatever the line, reading ends in a study or an Error, and what was read is written and read again alike.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "data/study.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const std::string first =
        hilum::study_to_json(hilum::study_from_json(std::string(reinterpret_cast<const char*>(data), size), "fuzz:1"));
    if (hilum::study_to_json(hilum::study_from_json(first, "fuzz:2")) != first) std::abort();
  } catch (const hilum::Error&) {
  }
  return 0;
}
