// Whatever the bytes, reading ends in an index whose samples lie in the file, or an Error.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "image/cache/plane_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string where = "fuzz";
  try {
    const hilum::PlaneIndex index = hilum::read_plane_index({reinterpret_cast<const std::byte*>(data), size}, where);
    for (const auto& [path, record] : index.records)
      if (record.offset > size || size - record.offset < index.picture_bytes(record)) std::abort();
  } catch (const hilum::Error&) {
  }
  return 0;
}
