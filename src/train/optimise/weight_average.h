// An exponential moving average of the weights (EMA): after every step average = decay * average + (1 - decay) *
// weight, from the weights a stage begins with. It jumps about less than the weights and is often the better model.
#pragma once

#include <string>
#include <vector>

#include "train/optimise/adamw.h"

namespace hilum {

class WeightAverage {
 public:
  struct Entry {
    std::string name;
    at::Tensor value;  // the weight, shared with the optimiser
    at::Tensor average;
  };

  // Of what the optimiser trains; the rest does not change.
  WeightAverage(double decay, const std::vector<AdamW::Entry>& trained);

  void update();
  void replace_weights();  // by their averages
  std::vector<Entry>& entries() { return entries_; }

 private:
  double decay_;
  std::vector<Entry> entries_;
};

}  // namespace hilum
