#include "ops/batch.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"

namespace hilum {

RaggedBatch RaggedBatch::uniform(int64_t count, int64_t length) {
  RaggedBatch batch;
  batch.slot.reserve(static_cast<size_t>(count * length));
  batch.position.reserve(static_cast<size_t>(count * length));
  for (int64_t s = 0; s < count; ++s)
    for (int64_t p = 0; p < length; ++p) {
      batch.slot.push_back(static_cast<int32_t>(s));
      batch.position.push_back(static_cast<int32_t>(p));
    }
  return batch;
}

RaggedBatch RaggedBatch::single(int64_t length, int32_t first, int32_t slot) {
  RaggedBatch batch;
  for (int64_t p = 0; p < length; ++p) {
    batch.slot.push_back(slot);
    batch.position.push_back(first + static_cast<int32_t>(p));
  }
  return batch;
}

KvCache::KvCache(const KvCacheConfig& config)
    : config_(config), lengths_(static_cast<size_t>(config.layers) * static_cast<size_t>(config.slots), 0) {}

int64_t KvCache::length(int32_t slot) const {
  invariant(slot >= 0 && slot < config_.slots, "a slot of the cache");
  int64_t least = length(slot, 0);
  for (int layer = 1; layer < config_.layers; ++layer) least = std::min(least, length(slot, layer));
  return least;
}

void KvCache::truncate(int32_t slot, int64_t length) {
  invariant(slot >= 0 && slot < config_.slots && length >= 0, "a slot of the cache, and a length from 0 on");
  for (int layer = 0; layer < config_.layers; ++layer) {
    int64_t& held = lengths_[index(slot, layer)];
    held = std::min(held, length);
  }
}

void KvCache::copy(int32_t from, int32_t to, int64_t length) {
  invariant(to >= 0 && to < config_.slots && from != to && length >= 0 && length <= this->length(from),
      "positions that another slot of the cache holds");
  do_copy(from, to, length);
  for (int layer = 0; layer < config_.layers; ++layer) lengths_[index(to, layer)] = length;
}

namespace {

// Rows of one slot stand together: no slot has two runs.
bool slots_differ(std::span<const BatchRun> runs) {
  const auto by_slot = [](const BatchRun& a, const BatchRun& b) { return a.slot < b.slot; };
  const auto equal_slots = [](const BatchRun& a, const BatchRun& b) { return a.slot == b.slot; };
  std::vector<BatchRun> sorted(runs.begin(), runs.end());
  std::sort(sorted.begin(), sorted.end(), by_slot);
  return std::adjacent_find(sorted.begin(), sorted.end(), equal_slots) == sorted.end();
}

void check_room(const BatchRun& run, int64_t capacity) {
  check(
      run.position + run.count <= capacity, "kv cache",
      [&] {
        return fmt::format(
            "position {} of slot {} does not fit: the capacity is {} positions, so {} of these {} rows fit",
            run.position + run.count - 1, run.slot, capacity, std::max<int64_t>(0, capacity - run.position), run.count);
      },
      "Shorten the prompt, ask for fewer new tokens, or make the context larger.");
}

}  // namespace

BatchLayout BatchLayout::of(const RaggedBatch& batch, KvCache* cache) {
  invariant(batch.slot.size() == batch.position.size(), "a slot and a position for each row");
  BatchLayout layout{.batch = batch, .cache = cache};
  std::vector<BatchRun>& runs = layout.runs;
  for (int64_t row = 0; row < batch.rows(); ++row) {
    const auto at = static_cast<size_t>(row);
    const int32_t slot = batch.slot[at], position = batch.position[at];
    if (runs.empty() || runs.back().slot != slot) {
      invariant(slot >= 0 && position >= 0, "slots and positions from 0 on");
      runs.push_back({.slot = slot, .first = row, .position = position});
    } else {
      const int32_t before = batch.position[at - 1];
      invariant(position > before, "positions rise within a slot");
      layout.gapless = layout.gapless && position == before + 1;
    }
    ++runs.back().count;
  }
  invariant(slots_differ(runs), "rows of one slot stand together");
  for (BatchRun& run : runs) {
    run.keys = run.count;
    if (!cache) continue;
    invariant(run.slot < cache->config().slots, "a slot of the cache");
    invariant(run.position == cache->length(run.slot), "rows continue what the cache holds");
    invariant(layout.gapless, "positions of a slot rise by one");
    check_room(run, cache->config().capacity);
    run.keys = run.position + run.count;
  }
  return layout;
}

}  // namespace hilum
