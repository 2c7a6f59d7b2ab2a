#include "ops/cpu/cpu_plan.h"

#include <algorithm>

#include "ops/cpu/kv_cache.h"

namespace hilum {

CpuPlan::CpuPlan(BatchLayout layout) : BatchPlan(std::move(layout)), panels_before_{0} {
  for (const BatchRun& run : runs()) panels_before_.push_back(panels_before_.back() + padded_to_panel(run.count));
}

const AttentionRows& CpuPlan::attention(const AttentionConfig& config) const {
  for (const AttentionRows& rows : attentions_)
    if (rows.fits(config)) return rows;
  AttentionRows& made = attentions_.emplace_back(AttentionRows{.num_heads = config.num_heads,
      .num_kv_heads = config.num_kv_heads,
      .causal = config.causal,
      .window = config.window});
  const int64_t shared = config.num_heads / config.num_kv_heads;
  made.visible.reserve(static_cast<size_t>(rows() * shared));
  for (size_t r = 0; r < runs().size(); ++r) {
    const BatchRun& run = runs()[r];
    for (int64_t h = 0; h < config.num_kv_heads; ++h)
      for (int64_t i = 0; i < run.count * shared; i += kQueryRows) {
        made.tasks.push_back({r, h, i, std::min(kQueryRows, run.count * shared - i)});
        made.pairs += made.tasks.back().count * run.keys;
      }
    for (int64_t i = 0; i < run.count * shared; ++i) {
      made.visible.push_back(config.causal ? run.first_key() + i / shared + 1 : run.keys);
      if (config.window > 0) made.hidden.push_back(std::max<int64_t>(0, made.visible.back() - config.window));
    }
  }
  return made;
}

}  // namespace hilum
