// Where a run stands.
#pragma once

#include <cstdint>

namespace hilum {

// Samples are drawn from (seed, counter), so these numbers are the whole state of the random numbers.
struct RunState {
  int64_t stage = 0;           // index in the recipe
  int64_t step = 0;            // optimiser steps done in the stage
  uint64_t next_sample = 0;    // over all stages
  uint64_t stage_samples = 0;  // done in the stage
  double stage_minutes = 0, total_minutes = 0;
  double epoch_loss = 0;   // summed over the samples of the epoch that runs
  int64_t kept_epoch = 0;  // 1-based, the stage's last or best so far; 0: none has ended
  double kept_score = 0;   // its Validation::score
  bool operator==(const RunState&) const = default;
};

}  // namespace hilum
