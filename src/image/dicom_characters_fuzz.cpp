// Any bytes as text of a DICOM attribute, behind a line that names its character sets: UTF-8 or no value.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "image/dicom_characters.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(input.find('\n'), size);
  const hilum::DicomCharacters characters(input.substr(0, line));
  const auto text = characters.to_utf8(input.substr(std::min(line + 1, size)));
  if (text && !hilum::is_utf8(*text)) std::abort();
  return 0;
}
