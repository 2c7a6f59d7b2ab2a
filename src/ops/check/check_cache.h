// The cache of ops/check: lengths and sizes, no keys and values.
#pragma once

#include <vector>

#include "ops/ops.h"

namespace hilum {

class CheckCache final : public KvCache {
 public:
  explicit CheckCache(const KvCacheConfig& config);
  int64_t length(int32_t slot) const override { return lengths_.front().at(static_cast<size_t>(slot)); }
  void truncate(int32_t slot, int64_t length) override;
  void copy(int32_t from, int32_t to, int64_t length) override;
  size_t bytes() const override;  // of an F32 cache

  const KvCacheConfig& config() const { return config_; }
  int64_t& length_in(int layer, int32_t slot) {
    return lengths_.at(static_cast<size_t>(layer)).at(static_cast<size_t>(slot));
  }

 private:
  KvCacheConfig config_;
  std::vector<std::vector<int64_t>> lengths_;  // [layers][slots]
};

// Checks the batch's order and the cache's room, appends the rows to the cache, and returns how many (query row, key
// row) pairs are seen.
int64_t count_visible(const RaggedBatch& batch, const AttentionConfig& config, int64_t head_dim, KvCache* cache);

}  // namespace hilum
