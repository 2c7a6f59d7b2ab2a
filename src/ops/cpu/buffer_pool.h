// Memory for activations, handed out again after use: a fresh 17 MB block costs four thousand page faults, which is
// more than filling it.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "tensor/tensor.h"

namespace hilum {

class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  // Keeps at most `keep_bytes` of unused blocks; what comes back beyond that is freed.
  static std::shared_ptr<BufferPool> make(size_t keep_bytes) {
    return std::shared_ptr<BufferPool>(new BufferPool(keep_bytes));
  }
  ~BufferPool();

  // Not zeroed, 64-byte aligned, one spare line at the end. The tensor keeps the pool alive.
  Tensor tensor(const Shape& shape);
  // Scratch of `floats` values for the length of a call.
  std::shared_ptr<float> floats(size_t count);

 private:
  explicit BufferPool(size_t keep_bytes) : keep_bytes_(keep_bytes) {}
  std::byte* take(size_t bytes);  // bytes already rounded
  void give(std::byte* memory, size_t bytes);

  std::mutex mutex_;
  std::map<size_t, std::vector<std::byte*>> unused_;  // by size
  size_t keep_bytes_, unused_bytes_ = 0;
};

// Memory on which the kernel may use large pages; free with std::free.
std::byte* allocate_large(size_t bytes);

}  // namespace hilum
