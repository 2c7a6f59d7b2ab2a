// Any bytes as the DICOM file a result refers to (seeds: testdata/image/dicom).
#include <cstdint>
#include <span>

#include "base/error.h"
#include "image/dicom_reference.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    (void)hilum::read_dicom_reference(std::as_bytes(std::span(data, size)), "fuzz");
  } catch (const hilum::Error&) {
  }
  return 0;
}
