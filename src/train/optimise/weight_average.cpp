#include "train/optimise/weight_average.h"

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

namespace hilum {

WeightAverage::WeightAverage(double decay, const std::vector<AdamW::Entry>& trained) : decay_(decay) {
  for (const AdamW::Entry& entry : trained) entries_.push_back({entry.name, entry.value, entry.value.detach().clone()});
}

void WeightAverage::update() {
  const c10::AutoGradMode off(false);
  for (Entry& entry : entries_) entry.average.mul_(decay_).add_(entry.value, 1 - decay_);
}

void WeightAverage::replace_weights() {
  const c10::AutoGradMode off(false);
  for (Entry& entry : entries_) entry.value.copy_(entry.average);
}

}  // namespace hilum
