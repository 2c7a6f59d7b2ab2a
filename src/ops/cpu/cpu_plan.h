// What the CPU backend keeps of one pass: it is the same in every layer.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "ops/ops.h"

namespace hilum {

// cos and sin of position p, pair i at [p * half + i], for positions 0 .. positions-1. It never changes once made: a
// longer one takes its place.
struct RopeTable {
  RopeConfig config;
  bool is_long = false;
  int64_t positions = 0;
  std::vector<float> cos, sin;
};

// Where the table holds each row's angles.
struct RopeRows {
  RopeConfig config;
  std::shared_ptr<const RopeTable> tables[2];  // of short sequences, and of long ones; null where there are none
  std::vector<const float*> cos, sin;          // [R], d/2 values each
};

// Rows of one run and key head that one task attends for. The query heads that share the key head stand as rows of
// their own, row by row.
struct AttentionTask {
  size_t run = 0;
  int64_t head = 0, first = 0, count = 0;  // the key head; rows of the run times the heads that share it
};

// What attention calls of the same heads, order and window share. Rows as in AttentionTask, one run after another.
struct AttentionRows {
  int num_heads = 0, num_kv_heads = 0;
  bool causal = true;
  int64_t window = 0;
  std::vector<AttentionTask> tasks;
  std::vector<int64_t> visible;  // keys 0 .. visible-1 of the run
  std::vector<int64_t> hidden;   // of these, keys 0 .. hidden-1 not; empty without a window
  int64_t pairs = 0;             // (row, key) pairs of the tasks together: the work, per value of a head

  bool fits(const AttentionConfig& c) const {
    return num_heads == c.num_heads && num_kv_heads == c.num_kv_heads && causal == c.causal && window == c.window;
  }
};

inline constexpr int64_t kQueryRows = 56;  // of one task: four groups of the widest kernel

class CpuPlan final : public BatchPlan {
 public:
  explicit CpuPlan(BatchLayout layout);

  // Made when the first layer asks; references hold as long as the plan.
  const AttentionRows& attention(const AttentionConfig& config) const;
  std::deque<RopeRows>& ropes() const { return ropes_; }  // filled by the backend, which has the tables
  // Positions of earlier runs, each run's filled up to whole panels: where its keys begin in memory for this pass.
  int64_t panels_before(size_t run) const { return panels_before_[run]; }

 private:
  std::vector<int64_t> panels_before_;            // [runs + 1]
  mutable std::deque<AttentionRows> attentions_;  // by config; a deque moves nothing it holds
  mutable std::deque<RopeRows> ropes_;
};

}  // namespace hilum
