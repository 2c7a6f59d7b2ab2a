// F32 keys and values of earlier rows in the form the attention kernels read.
#pragma once

#include <memory>
#include <vector>

#include "kernels/kernel_table.h"
#include "ops/ops.h"

namespace hilum {

// Keys of one (slot, kv head) as panels of 16 positions [panel][d][16]; values as rows padded to a multiple of 16.
struct HeadKeys {
  float* key_panels = nullptr;
  float* values = nullptr;
  int64_t value_stride = 0;
};

inline int64_t padded_to_panel(int64_t n) { return (n + kPanelWidth - 1) / kPanelWidth * kPanelWidth; }
inline int64_t head_floats(int64_t capacity, int64_t d) { return padded_to_panel(capacity) * (d + padded_to_panel(d)); }
HeadKeys head_keys(float* memory, int64_t capacity, int64_t d);

// `count` rows of keys and values (row stride ld) to positions first .. first+count-1.
void store_keys(const KernelTable& table, const HeadKeys& to, const float* k, const float* v, int64_t ld, int64_t d,
    int64_t first, int64_t count);

class CpuKvCache final : public KvCache {
 public:
  explicit CpuKvCache(const KvCacheConfig& config);

  int64_t length(int32_t slot) const override;
  void truncate(int32_t slot, int64_t length) override;
  void copy(int32_t from, int32_t to, int64_t length) override;
  size_t bytes() const override { return floats_ * sizeof(float); }

  const KvCacheConfig& config() const { return config_; }
  HeadKeys head(int layer, int32_t slot, int kv_head) const;
  int64_t layer_length(int layer, int32_t slot) const { return lengths_[index(layer, slot)]; }
  // Error, naming the capacity and what fits, where positions first .. first+count-1 of the slot pass it.
  void check_fits(int32_t slot, int64_t first, int64_t count) const;
  // The layer's slot now ends behind position first+count-1, which fits. A gap before `first` is an invariant.
  void extend(int layer, int32_t slot, int64_t first, int64_t count);

 private:
  size_t index(int layer, int32_t slot) const {
    return static_cast<size_t>(layer) * static_cast<size_t>(config_.slots) + static_cast<size_t>(slot);
  }

  KvCacheConfig config_;
  size_t head_floats_, floats_;
  std::shared_ptr<float> memory_;  // untouched pages cost nothing until positions reach them
  std::vector<int64_t> lengths_;   // [layer][slot]
};

}  // namespace hilum
