// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), with gradient clipping by the norm over all
// parameters.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

namespace hilum {

struct AdamWConfig {
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
};

class AdamW {
 public:
  struct Entry {
    std::string name;
    at::Tensor value;         // a leaf with gradients
    double rate_factor = 1;   // on the step's learning rate
    double decay = 0;         // weight decay
    at::Tensor mean, square;  // running moments of the gradient; none before the first step, so that a model that is
                              // too large is found out before they are made
  };

  AdamW(const AdamWConfig& config, std::vector<Entry> entries);

  void clear_gradients();
  // The norm of all gradients together; scales them down to `max_norm` when above it (0: never). Not finite: left
  // alone.
  double clip_gradients(double max_norm);
  // The norms of the `count` largest gradients, the largest first, before them those that are not finite.
  std::vector<std::pair<std::string, double>> largest_gradients(size_t count) const;
  // One update at this learning rate. Parameters without a gradient are left alone.
  void step(double learning_rate);

  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }  // for resuming: moments are restored through entries()
  std::vector<Entry>& entries() { return entries_; }

 private:
  AdamWConfig config_;
  std::vector<Entry> entries_;
  int64_t steps_ = 0;
};

}  // namespace hilum
