#include "ops/check/check_cache.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace hilum {

CheckCache::CheckCache(const KvCacheConfig& config)
    : config_(config),
      lengths_(static_cast<size_t>(config.layers), std::vector<int64_t>(static_cast<size_t>(config.slots), 0)) {
  invariant(config.layers > 0 && config.slots > 0 && config.kv_heads > 0 && config.head_dim > 0,
      "a cache with layers, slots and heads");
}

void CheckCache::truncate(int32_t slot, int64_t length) {
  for (auto& layer : lengths_)
    layer.at(static_cast<size_t>(slot)) = std::min(layer.at(static_cast<size_t>(slot)), length);
}

void CheckCache::copy(int32_t from, int32_t to, int64_t length) {
  invariant(from != to && length <= this->length(from), "positions of another slot");
  for (auto& layer : lengths_) layer.at(static_cast<size_t>(to)) = length;
}

size_t CheckCache::bytes() const {
  return static_cast<size_t>(
      2 * 4 * config_.layers * config_.slots * config_.capacity * config_.kv_heads * config_.head_dim);
}

int64_t count_visible(const RaggedBatch& batch, const AttentionConfig& config, int64_t head_dim, KvCache* cache) {
  auto* held = dynamic_cast<CheckCache*>(cache);
  invariant(!cache || held, "a cache made by ops/check");
  if (held)
    invariant(held->config().kv_heads == config.num_kv_heads && held->config().head_dim == head_dim &&
                  config.layer < held->config().layers,
        "a cache of these heads and layers");
  int64_t visible = 0;
  std::set<int32_t> seen;
  const size_t rows = static_cast<size_t>(batch.rows());
  for (size_t first = 0, last; first < rows; first = last) {
    const int32_t slot = batch.slot[first];
    invariant(slot >= 0 && seen.insert(slot).second, "rows of one slot are contiguous");
    for (last = first; last < rows && batch.slot[last] == slot; ++last)
      invariant(
          last == first || batch.position[last] == batch.position[last - 1] + 1, "positions of a slot rise by one");
    const auto count = static_cast<int64_t>(last - first);
    int64_t before = 0;
    if (held) {
      invariant(slot < held->config().slots, "a slot of the cache");
      int64_t& length = held->length_in(config.layer, slot);
      before = length;
      invariant(batch.position[first] == before, "rows continue what the cache holds");
      invariant(before + count <= held->config().capacity, "room in the cache");
      length += count;
    }
    if (!config.causal) visible += count * (before + count);
    else
      for (int64_t row = 1; row <= count; ++row)
        visible += config.window > 0 ? std::min(before + row, config.window) : before + row;
  }
  return visible;
}

}  // namespace hilum
