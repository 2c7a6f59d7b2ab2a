#include "ops/cpu/buffer_pool.h"

#include <sys/mman.h>

#include <bit>
#include <cstdlib>
#include <new>

namespace hilum {
namespace {

// Sizes rounded up to an eighth of their power of two, so that nearly equal requests share blocks and at most 12 % is
// wasted.
size_t rounded(size_t bytes) {
  const size_t least = bytes + 64 < 1024 ? 1024 : bytes + 64;
  const size_t step = std::bit_floor(least) / 8;
  return (least + step - 1) / step * step;
}

}  // namespace

std::byte* allocate_large(size_t bytes) {
  constexpr size_t kLargePage = size_t{2} << 20;
  const size_t align = bytes >= kLargePage ? kLargePage : 64;
  const size_t size = (bytes + align - 1) / align * align;
  void* memory = std::aligned_alloc(align, size);
  if (!memory) throw std::bad_alloc();
  if (align == kLargePage) madvise(memory, size, MADV_HUGEPAGE);  // only advice: failing costs speed alone
  return static_cast<std::byte*>(memory);
}

BufferPool::~BufferPool() {
  for (auto& [bytes, blocks] : unused_)
    for (std::byte* block : blocks) std::free(block);
}

std::byte* BufferPool::take(size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = unused_.find(bytes);
    if (found != unused_.end() && !found->second.empty()) {
      std::byte* block = found->second.back();
      found->second.pop_back();
      unused_bytes_ -= bytes;
      return block;
    }
  }
  return allocate_large(bytes);
}

void BufferPool::give(std::byte* memory, size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (unused_bytes_ + bytes > keep_bytes_) return std::free(memory);
  unused_[bytes].push_back(memory);
  unused_bytes_ += bytes;
}

Tensor BufferPool::tensor(const Shape& shape) {
  const size_t bytes = static_cast<size_t>(shape.count()) * sizeof(float);
  const size_t size = rounded(bytes);
  std::byte* memory = take(size);
  std::shared_ptr<const void> owner(
      memory, [pool = shared_from_this(), size](std::byte* block) { pool->give(block, size); });
  return {shape, DType::kF32, std::make_shared<HostStorage>(memory, bytes, std::move(owner))};
}

std::shared_ptr<float> BufferPool::floats(size_t count) {
  const size_t size = rounded(count * sizeof(float));
  auto* memory = reinterpret_cast<float*>(take(size));
  return {memory,
      [pool = shared_from_this(), size](float* block) { pool->give(reinterpret_cast<std::byte*>(block), size); }};
}

}  // namespace hilum
