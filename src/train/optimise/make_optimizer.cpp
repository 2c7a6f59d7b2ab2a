#include "train/optimise/make_optimizer.h"

namespace hilum {

AdamW make_optimizer(
    TorchOps& ops, const AdamWConfig& config, const ParamList& params, const ParamGroups& groups, double weight_decay) {
  std::vector<AdamW::Entry> entries;
  for (const Param* p : params) {
    if (p->frozen) continue;
    const ParamGroup& group = groups.of(*p);
    entries.push_back({.name = p->name(),
        .value = ops.leaf(*p),
        .rate_factor = group.rate,
        .decay = group.decay.value_or(decays_by_default(*p) ? weight_decay : 0)});
  }
  return AdamW(config, std::move(entries));
}

}  // namespace hilum
