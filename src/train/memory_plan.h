// What a stage will need of memory, told before its first step.
#pragma once

#include <cstdint>
#include <string>

#include "train/stage_run.h"

namespace hilum {

struct MemoryPlan {
  int64_t trained = 0, frozen = 0;  // parameters
  // Bytes.
  double weights = 0;     // as the model holds them and as libtorch computes with them
  double gradients = 0;   // of every worker
  double optimizer = 0;   // two moments a trained parameter; the average and the best weights, where they are kept
  double checkpoint = 0;  // copies of what the optimiser keeps, while one is written
  double samples = 0;     // made ahead
  // What a worker holds between a piece's forward and backward pass: fixed + a_sample for each sample of the piece, as
  // measured on one and on two samples.
  double fixed = 0, a_sample = 0;
  int workers = 1;
  int64_t micro_batch = 1;

  double activations() const { return workers * (fixed + a_sample * static_cast<double>(micro_batch)); }
  double total() const { return weights + gradients + optimizer + checkpoint + samples + activations(); }
  // The largest micro_batch that fits into so many bytes; 0: not one sample does.
  int64_t largest_micro_batch(double available) const;
  std::string text(double available) const;
};

// Runs one step on one sample and one on two, the largest of the stage's next few; their gradients are cleared, and
// nothing else changes.
MemoryPlan plan_memory(
    const Recipe& recipe, size_t stage, TrainTask& task, TorchOps& ops, StageRun& run, const RunState& state);

// Throws Error saying which micro_batch would fit when the plan needs more than `available` bytes.
void check_memory(const MemoryPlan& plan, double available, const std::string& stage);

// Bytes that this process may use: what it has, and what the machine and its control group have left.
double memory_for_this_process();

}  // namespace hilum
