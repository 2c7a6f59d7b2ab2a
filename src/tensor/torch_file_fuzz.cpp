// Whatever the bytes, reading ends in tensors or an Error, and every tensor that is announced can be had.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"
#include "tensor/torch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), size);
  try {
    const hilum::TorchContents contents = hilum::parse_torch_file(file, "fuzz");
    uint64_t bytes = 0;
    for (size_t i = 0; i < contents.entries.size(); ++i) {
      bytes += contents.entries[i].end - contents.entries[i].begin;
      if (bytes <= (uint64_t{256} << 20))
        hilum::torch_tensor(contents, i, file, nullptr);  // many may unfold one storage
    }
  } catch (const hilum::Error&) {
  }
  return 0;
}
