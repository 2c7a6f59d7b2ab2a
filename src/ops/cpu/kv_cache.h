// F32 keys and values of earlier rows in the form the attention kernels read.
#pragma once

#include <memory>

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
inline int64_t panel_floats(int64_t d) { return d + padded_to_panel(d); }  // of one position, key and value
inline int64_t head_floats(int64_t capacity, int64_t d) { return padded_to_panel(capacity) * panel_floats(d); }
HeadKeys head_keys(float* memory, int64_t capacity, int64_t d);

// `count` rows of keys and values (row stride ld) to positions first .. first+count-1.
void store_keys(const KernelTable& table, const HeadKeys& to, const float* k, const float* v, int64_t ld, int64_t d,
    int64_t first, int64_t count);

class CpuKvCache final : public KvCache {
 public:
  explicit CpuKvCache(const KvCacheConfig& config);

  size_t bytes() const override { return floats_ * sizeof(float); }

  HeadKeys head(int layer, int32_t slot, int kv_head) const;

 private:
  void do_copy(int32_t from, int32_t to, int64_t length) override;

  size_t head_floats_, floats_;
  std::shared_ptr<float> memory_;  // untouched pages cost nothing until positions reach them
};

}  // namespace hilum
