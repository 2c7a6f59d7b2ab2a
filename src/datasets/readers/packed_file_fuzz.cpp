// Whatever the bytes, inflating and listing end in data or an Error; entries lie within the archive.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "datasets/readers/packed_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto list = [](std::string_view archive) {
    for (const hilum::TarEntry& entry : hilum::read_tar(archive, "fuzz"))
      if (entry.bytes.data() < archive.data() ||
          entry.bytes.data() + entry.bytes.size() > archive.data() + archive.size())
        std::abort();
  };
  try {
    list(bytes);
  } catch (const hilum::Error&) {
  }
  try {
    list(hilum::gunzip(bytes, "fuzz", 1 << 20));
  } catch (const hilum::Error&) {
  }
  return 0;
}
