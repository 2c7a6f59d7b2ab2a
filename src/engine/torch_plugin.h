// What `hilum` asks of the library that holds libtorch. No libtorch type crosses: the program never links it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ops/ops.h"

namespace hilum {

struct TrainRequest {
  std::filesystem::path recipe;
  std::vector<std::string> overrides;  // "key=value"
  bool resume = false;                 // go on from the newest checkpoint under `output`
  bool dry_run = false;                // look at recipe, data and memory, then stop; writes nothing
  std::filesystem::path
      start_from;  // a model directory whose weights and tokenizer a new run begins with; empty: from nothing
  std::filesystem::path output;  // checkpoints, log, loss curve, and the model directory once done
  std::string device = "cpu";
};

// Errors cross as exceptions: hilum::Error for bad input, anything else for bugs.
class TorchPlugin {
 public:
  virtual ~TorchPlugin() = default;
  // The models' operations over libtorch, without gradients (inference on "cpu" or "cuda"). threads 0: one per core.
  // `compute`: F32, or BF16, which holds weights and activations in half the memory and rounds to 8 bits.
  virtual std::unique_ptr<Ops> make_ops(const std::string& device, int threads, DType compute) = 0;
  // Runs a recipe to its end. Returns an exit code (base/error.h).
  virtual int train(const TrainRequest& request) = 0;
  // The address of a static of the program as the library sees it; equal to the program's own when statics exist once.
  virtual const void* shared_static() = 0;
};

// Loads libhilum_torch.so from beside the executable, or the file HILUM_TORCH_LIBRARY names; once, for the process's
// life. Throws Error when it is absent (a build without libtorch) or does not load (libtorch or its BLAS missing).
TorchPlugin& torch_plugin();

}  // namespace hilum
