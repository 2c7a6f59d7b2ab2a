#include "ops/cpu/kv_cache.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace hilum {

HeadKeys head_keys(float* memory, int64_t capacity, int64_t d) {
  return {memory, memory + padded_to_panel(capacity) * d, padded_to_panel(d)};
}

void store_keys(const KernelTable& table, const HeadKeys& to, const float* k, const float* v, int64_t ld, int64_t d,
    int64_t first, int64_t count) {
  for (int64_t i = 0; i < count;) {
    const int64_t position = first + i, lane = position % kPanelWidth;
    if (lane == 0 && count - i >= kPanelWidth) {  // a whole panel
      table.pack(k + i * ld, WeightType::kF32, ld, d, 0, kPanelWidth, to.key_panels + position * d);
      i += kPanelWidth;
    } else {
      float* panel = to.key_panels + (position - lane) * d + lane;
      for (int64_t j = 0; j < d; ++j) panel[j * kPanelWidth] = k[i * ld + j];
      ++i;
    }
  }
  for (int64_t i = 0; i < count; ++i) {
    float* row = to.values + (first + i) * to.value_stride;
    std::memcpy(row, v + i * ld, static_cast<size_t>(d) * sizeof(float));
    std::fill(row + d, row + to.value_stride, 0.0f);
  }
}

CpuKvCache::CpuKvCache(const KvCacheConfig& c) : KvCache(c) {
  head_floats_ = static_cast<size_t>(head_floats(c.capacity, c.head_dim));
  floats_ =
      static_cast<size_t>(c.layers) * static_cast<size_t>(c.slots) * static_cast<size_t>(c.kv_heads) * head_floats_;
  void* memory = std::aligned_alloc(64, (floats_ * sizeof(float) + 127) / 64 * 64);
  if (!memory) throw std::bad_alloc();
  memory_ = std::shared_ptr<float>(static_cast<float*>(memory), [](float* block) { std::free(block); });
}

void CpuKvCache::do_copy(int32_t from, int32_t to, int64_t length) {
  for (int layer = 0; layer < config().layers; ++layer)
    for (int head_index = 0; head_index < config().kv_heads; ++head_index) {
      const HeadKeys source = head(layer, from, head_index), target = head(layer, to, head_index);
      std::copy_n(source.key_panels, padded_to_panel(length) * config().head_dim,
          target.key_panels);  // lanes past the end are not read
      std::copy_n(source.values, length * source.value_stride, target.values);
    }
}

HeadKeys CpuKvCache::head(int layer, int32_t slot, int kv_head) const {
  const int64_t at = (layer * config().slots + slot) * config().kv_heads + kv_head;
  return head_keys(memory_.get() + static_cast<size_t>(at) * head_floats_, config().capacity, config().head_dim);
}

}  // namespace hilum
