// Rotary positions, attention over ragged batches, and its cache.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/cpu/cpu_ops_impl.h"
#include "ops/cpu/cpu_plan.h"
#include "ops/cpu/kv_cache.h"
#include "ops/rope.h"

namespace hilum {
namespace {

static_assert(kWidestHead <= kMaxHeadDim);

const CpuPlan& made_here(const BatchPlan& plan) {
  const auto* made = dynamic_cast<const CpuPlan*>(&plan);
  invariant(made != nullptr, "a plan made by this backend");
  return *made;
}

}  // namespace

std::unique_ptr<BatchPlan> CpuOps::do_plan(BatchLayout layout) {
  invariant(!layout.cache || dynamic_cast<CpuKvCache*>(layout.cache), "a cache made by this backend");
  return std::make_unique<CpuPlan>(std::move(layout));
}

std::shared_ptr<const RopeTable> CpuOps::rope_table(const RopeConfig& c, bool is_long, int64_t positions) {
  std::shared_ptr<const RopeTable>* held = nullptr;
  for (auto& one : rope_tables_)
    if (one->config == c && one->is_long == is_long) held = &one;
  if (held && (*held)->positions >= positions) return *held;
  const int64_t half = c.head_dim / 2, known = held ? (*held)->positions : 0, wanted = std::max(positions, 2 * known);
  auto longer = std::make_shared<RopeTable>(held ? **held : RopeTable{.config = c, .is_long = is_long});
  longer->cos.resize(static_cast<size_t>(wanted * half));
  longer->sin.resize(static_cast<size_t>(wanted * half));
  for (int64_t p = known; p < wanted; ++p)
    rope_angles(
        c, p, is_long, &longer->cos[static_cast<size_t>(p * half)], &longer->sin[static_cast<size_t>(p * half)]);
  longer->positions = wanted;
  if (!held) held = &rope_tables_.emplace_back();
  return *held = std::move(longer);
}

const RopeRows& CpuOps::rope_rows(const CpuPlan& plan, const RopeConfig& config) {
  for (const RopeRows& rows : plan.ropes())
    if (rows.config == config) return rows;
  RopeRows& made = plan.ropes().emplace_back(RopeRows{.config = config});
  const std::vector<int32_t>& position = plan.batch().position;
  const int64_t half = config.head_dim / 2;
  int64_t last[2] = {-1, -1};  // the highest position of short sequences, and of long ones
  for (const BatchRun& run : plan.runs()) {
    int64_t& highest = last[is_long_rope(config, plan, run)];
    highest = std::max<int64_t>(highest, position[static_cast<size_t>(run.first + run.count - 1)]);
  }
  for (const bool which : {false, true})
    if (last[which] >= 0) made.tables[which] = rope_table(config, which, last[which] + 1);
  for (const BatchRun& run : plan.runs()) {
    const RopeTable& table = *made.tables[is_long_rope(config, plan, run)];
    for (int64_t row = run.first; row < run.first + run.count; ++row) {
      const int64_t at = position[static_cast<size_t>(row)] * half;
      made.cos.push_back(table.cos.data() + at);
      made.sin.push_back(table.sin.data() + at);
    }
  }
  return made;
}

Tensor CpuOps::do_rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config) {
  const RopeRows& rows = rope_rows(made_here(plan), config);
  const int64_t d = config.head_dim, half = d / 2, width = x.dim(1);
  Tensor y = make(x.shape());  // [R, heads*d]
  const float* from = x.f32();
  float* to = y.f32();
  parallel_pieces(threads_, x.dim(0), width, [&](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      const float *cos = rows.cos[static_cast<size_t>(i)], *sin = rows.sin[static_cast<size_t>(i)];
      for (int64_t j = 0; j < width; j += d) table_.rope(from + i * width + j, cos, sin, to + i * width + j, half);
    }
  });
  return y;
}

Tensor CpuOps::do_attention(
    const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan, const AttentionConfig& config) {
  const CpuPlan& mine = made_here(plan);
  const AttentionRows& rows = mine.attention(config);
  const int64_t heads = config.num_heads, kv_heads = config.num_kv_heads, d = q.dim(1) / heads,
                shared = heads / kv_heads;
  const float scale = config.scale != 0 ? config.scale : static_cast<float>(1.0 / std::sqrt(static_cast<double>(d)));

  // Where each slot's keys go: into the cache behind those it holds, or into scratch for this call.
  const auto* held = static_cast<const CpuKvCache*>(plan.cache());
  std::shared_ptr<float> scratch;
  if (!held)
    scratch = pool_->floats(static_cast<size_t>(mine.panels_before(plan.runs().size()) * kv_heads * panel_floats(d)));
  const auto keys_of = [&](size_t run, int64_t head) {
    const BatchRun& r = plan.runs()[run];
    if (held) return held->head(config.layer, r.slot, static_cast<int>(head));
    return head_keys(
        scratch.get() + mine.panels_before(run) * kv_heads * panel_floats(d) + head * head_floats(r.count, d), r.count,
        d);
  };

  const float *pq = q.f32(), *pk = k.f32(), *pv = v.f32();
  const auto num_runs = static_cast<int64_t>(plan.runs().size());
  parallel_tasks(plan.rows() * kv_heads * d < 16384 ? 1 : threads_, num_runs * kv_heads, [&](int64_t task) {
    const auto run = static_cast<size_t>(task / kv_heads);
    const BatchRun& r = plan.runs()[run];
    const int64_t h = task % kv_heads, at = r.first * kv_heads * d + h * d;
    store_keys(table_, keys_of(run, h), pk + at, pv + at, kv_heads * d, d, r.first_key(), r.count);
  });

  Tensor y = make(q.shape());  // [R, H*d]
  float* py = y.f32();
  parallel_tasks(rows.pairs * d < 32768 ? 1 : threads_, static_cast<int64_t>(rows.tasks.size()), [&](int64_t index) {
    const AttentionTask& t = rows.tasks[static_cast<size_t>(index)];
    const int64_t first = plan.runs()[t.run].first, in_pass = first * shared + t.first;
    alignas(64) float query[kQueryRows * kMaxHeadDim], out[kQueryRows * kMaxHeadDim];
    const auto place = [&](int64_t i) {
      return (first + (t.first + i) / shared) * heads * d + (t.head * shared + (t.first + i) % shared) * d;
    };
    for (int64_t i = 0; i < t.count; ++i) table_.scale(pq + place(i), scale, query + i * d, d);
    const HeadKeys head = keys_of(t.run, t.head);
    table_.attention({.q = query,
        .ldq = d,
        .rows = t.count,
        .d = d,
        .visible = rows.visible.data() + in_pass,
        .hidden = rows.hidden.empty() ? nullptr : rows.hidden.data() + in_pass,
        .key_panels = head.key_panels,
        .values = head.values,
        .ldv = head.value_stride,
        .y = out,
        .ldy = d});
    for (int64_t i = 0; i < t.count; ++i) table_.scale(out + i * d, 1.0f, py + place(i), d);
  });
  return y;
}

std::unique_ptr<KvCache> CpuOps::do_make_kv_cache(const KvCacheConfig& config) {
  return std::make_unique<CpuKvCache>(config);
}

}  // namespace hilum
