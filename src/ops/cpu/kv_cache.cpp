#include "ops/cpu/kv_cache.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/error.h"

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

CpuKvCache::CpuKvCache(const KvCacheConfig& config) : config_(config) {
  invariant(config.layers > 0 && config.kv_heads > 0 && config.head_dim > 0 && config.head_dim <= kMaxHeadDim &&
                config.slots > 0 && config.capacity > 0,
      "a cache of some size, head width at most 256");
  head_floats_ = static_cast<size_t>(head_floats(config.capacity, config.head_dim));
  floats_ = static_cast<size_t>(config.layers) * static_cast<size_t>(config.slots) *
            static_cast<size_t>(config.kv_heads) * head_floats_;
  void* memory = std::aligned_alloc(64, (floats_ * sizeof(float) + 127) / 64 * 64);
  if (!memory) throw std::bad_alloc();
  memory_ = std::shared_ptr<float>(static_cast<float*>(memory), [](float* block) { std::free(block); });
  lengths_.assign(static_cast<size_t>(config.layers) * static_cast<size_t>(config.slots), 0);
}

int64_t CpuKvCache::length(int32_t slot) const {
  int64_t least = layer_length(0, slot);
  for (int layer = 1; layer < config_.layers; ++layer) least = std::min(least, layer_length(layer, slot));
  return least;
}

void CpuKvCache::truncate(int32_t slot, int64_t length) {
  invariant(slot >= 0 && slot < config_.slots && length >= 0, "a slot of the cache");
  for (int layer = 0; layer < config_.layers; ++layer)
    lengths_[index(layer, slot)] = std::min(lengths_[index(layer, slot)], length);
}

void CpuKvCache::copy(int32_t from, int32_t to, int64_t length) {
  invariant(
      from >= 0 && from < config_.slots && to >= 0 && to < config_.slots && from != to && length <= this->length(from),
      "positions of another slot");
  for (int layer = 0; layer < config_.layers; ++layer) {
    for (int head_index = 0; head_index < config_.kv_heads; ++head_index) {
      const HeadKeys source = head(layer, from, head_index), target = head(layer, to, head_index);
      std::copy_n(source.key_panels, padded_to_panel(length) * config_.head_dim,
          target.key_panels);  // lanes past the end are not read
      std::copy_n(source.values, length * source.value_stride, target.values);
    }
    lengths_[index(layer, to)] = length;
  }
}

HeadKeys CpuKvCache::head(int layer, int32_t slot, int kv_head) const {
  const size_t at = index(layer, slot) * static_cast<size_t>(config_.kv_heads) + static_cast<size_t>(kv_head);
  return head_keys(memory_.get() + at * head_floats_, config_.capacity, config_.head_dim);
}

void CpuKvCache::check_fits(int32_t slot, int64_t first, int64_t count) const {
  if (first + count <= config_.capacity) return;
  throw Error("kv cache",
      "position " + std::to_string(first + count - 1) + " of slot " + std::to_string(slot) +
          " does not fit: the capacity is " + std::to_string(config_.capacity) + " positions, so " +
          std::to_string(config_.capacity - first) + " of these " + std::to_string(count) + " rows fit",
      "Shorten the prompt, ask for fewer new tokens, or make the context larger.");
}

void CpuKvCache::extend(int layer, int32_t slot, int64_t first, int64_t count) {
  invariant(layer >= 0 && layer < config_.layers && slot >= 0 && slot < config_.slots, "a layer and slot of the cache");
  int64_t& length = lengths_[index(layer, slot)];
  invariant(first >= 0 && first <= length && first + count <= config_.capacity, "positions follow those held");
  length = first + count;
}

}  // namespace hilum
