// Which rows one pass works on, what earlier passes left in the cache, and the plan that a backend makes of the two.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hilum {

// Which sequence each row belongs to and where in it the row stands. Rows of one slot are in rising position order and
// contiguous. Sequences of different lengths, prompts and single decode steps share one batch; nothing is padded.
struct RaggedBatch {
  std::vector<int32_t> slot;      // [R] sequence of the row, 0 .. slots-1
  std::vector<int32_t> position;  // [R] 0-based place in the sequence

  int64_t rows() const { return static_cast<int64_t>(slot.size()); }
  // `count` sequences of `length` rows each, at positions 0 .. length-1: a batch of images, say.
  static RaggedBatch uniform(int64_t count, int64_t length);
  // One sequence: rows at positions first .. first+length-1 of `slot`.
  static RaggedBatch single(int64_t length, int32_t first = 0, int32_t slot = 0);
};

struct KvCacheConfig {
  int layers = 0, kv_heads = 0, head_dim = 0;
  int64_t slots = 1, capacity = 0;  // positions per slot
};

// Keys and values of earlier rows, per layer and slot. Made by Ops::make_kv_cache, handed back to Ops::plan. A slot or
// length that is not the cache's is an invariant.
class KvCache {
 public:
  virtual ~KvCache() = default;
  KvCache(const KvCache&) = delete;
  KvCache& operator=(const KvCache&) = delete;

  const KvCacheConfig& config() const { return config_; }
  int64_t length(int32_t slot) const;  // positions held, the same in every layer once a pass is done
  int64_t length(int32_t slot, int layer) const { return lengths_[index(slot, layer)]; }
  void truncate(int32_t slot, int64_t length);  // forget positions from `length` on
  // Slot `to` holds the first `length` positions of slot `from`, which has them, and nothing else.
  void copy(int32_t from, int32_t to, int64_t length);
  virtual size_t bytes() const = 0;

 protected:
  explicit KvCache(const KvCacheConfig& config);
  virtual void do_copy(int32_t from, int32_t to, int64_t length) = 0;  // the values, in every layer

 private:
  friend class Ops;  // whose attention() lets a layer's slot grow
  size_t index(int32_t slot, int layer) const {
    return static_cast<size_t>(layer) * static_cast<size_t>(config_.slots) + static_cast<size_t>(slot);
  }

  KvCacheConfig config_;
  std::vector<int64_t> lengths_;  // [layers][slots]
};

// The rows of one sequence in a batch: rows first .. first+count-1, the first of which stands at `position`. They see
// the slot's keys 0 .. keys-1, of which their own are the last `count`.
struct BatchRun {
  int32_t slot = 0;
  int64_t first = 0, count = 0, position = 0, keys = 0;

  int64_t first_key() const { return keys - count; }  // the key of the run's first row
};

// A batch that was checked, and what it says.
struct BatchLayout {
  RaggedBatch batch;
  std::vector<BatchRun> runs;  // in the order of the rows
  KvCache* cache = nullptr;
  bool gapless = true;  // the positions of each sequence rise by one

  // Throws Error, naming what fits, where the cache has no room for the rows; any other mistake is an invariant: a slot
  // or position below 0, rows of one slot apart from each other, positions that do not rise, and with a cache slots it
  // does not have and rows that do not continue what it holds.
  static BatchLayout of(const RaggedBatch& batch, KvCache* cache);
};

// What does not change from layer to layer of one pass, made once by Ops::plan: rotary tables, visible ranges, places
// in the cache, indices on the device. A backend derives its own from this; what depends on a call's config it makes
// when the first layer asks. A plan serves one pass, and the cache outlives it.
class BatchPlan {
 public:
  explicit BatchPlan(BatchLayout layout) : layout_(std::move(layout)) {}
  virtual ~BatchPlan() = default;
  BatchPlan(const BatchPlan&) = delete;
  BatchPlan& operator=(const BatchPlan&) = delete;

  int64_t rows() const { return layout_.batch.rows(); }
  const RaggedBatch& batch() const { return layout_.batch; }
  std::span<const BatchRun> runs() const { return layout_.runs; }
  KvCache* cache() const { return layout_.cache; }
  bool gapless() const { return layout_.gapless; }

 private:
  BatchLayout layout_;
};

}  // namespace hilum
