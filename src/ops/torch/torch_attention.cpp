// Rotary positions, ragged attention and its cache over libtorch. Letters as in torch_plan.h.
#include <algorithm>
#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/where.h>
#include <c10/core/GradMode.h>

#include "base/error.h"
#include "ops/rope.h"
#include "ops/torch/torch_ops.h"
#include "ops/torch/torch_plan.h"

namespace hilum {
namespace {

class TorchKvCache final : public KvCache {
 public:
  TorchKvCache(const KvCacheConfig& config, at::TensorOptions options) : KvCache(config) {
    const std::vector<int64_t> shape = {config.slots, config.capacity, int64_t{config.kv_heads} * config.head_dim};
    for (int layer = 0; layer < config.layers; ++layer)
      for (std::vector<at::Tensor>* values : {&keys_, &values_}) values->push_back(at::full(shape, 0, options));
  }
  size_t bytes() const override { return 2 * keys_.size() * keys_[0].nbytes(); }

  // Puts rows k, v [R, K*d] at their places and returns what the plan's slots hold, zeros behind, [S, L, K*d].
  std::pair<at::Tensor, at::Tensor> append(
      int layer, const TorchPlan& plan, const at::Tensor& k, const at::Tensor& v) const {
    return {append(keys_[static_cast<size_t>(layer)], plan, k), append(values_[static_cast<size_t>(layer)], plan, v)};
  }

 private:
  void do_copy(int32_t from, int32_t to, int64_t length) override {
    for (const std::vector<at::Tensor>* values : {&keys_, &values_})
      for (const at::Tensor& held : *values)
        held.select(0, to).narrow(0, 0, length).copy_(held.select(0, from).narrow(0, 0, length));
  }
  static at::Tensor append(const at::Tensor& held, const TorchPlan& plan, const at::Tensor& rows) {
    held.view({-1, rows.size(1)}).index_copy_(0, plan.cache_places(), rows.detach());
    const at::Tensor seen = held.narrow(1, 0, plan.keys());  // [slots, L, K*d]
    if (plan.slots() == 1) return seen.narrow(0, plan.runs()[0].slot, 1);
    const at::Tensor chosen = seen.index_select(0, plan.cache_slots());  // [S, L, K*d]
    // What another sequence left behind a shorter one's keys weighs nothing, but 0 times infinity would be no number.
    return plan.unfilled_keys().defined() ? chosen.masked_fill(plan.unfilled_keys(), 0) : chosen;
  }

  std::vector<at::Tensor> keys_, values_;  // per layer [slots, capacity, K*d]
};

const TorchPlan& made_here(const BatchPlan& plan) {
  const auto* made = dynamic_cast<const TorchPlan*>(&plan);
  invariant(made != nullptr, "a plan made by this backend");
  return *made;
}

// x [S, T, heads*d] -> [S*H, T, d]; key heads are repeated so that each query head has its own.
at::Tensor split_heads(const at::Tensor& x, int heads, int repeat) {
  const int64_t s = x.size(0), t = x.size(1), d = x.size(2) / heads;
  at::Tensor split = x.reshape({s, t, heads, d}).transpose(1, 2);  // [S, heads, T, d]
  if (repeat > 1) split = split.unsqueeze(2).expand({s, heads, repeat, t, d});
  return split.reshape({s * heads * repeat, t, d});
}

// q [S, T, H*d], k, v [S, L, K*d], mask added to the scores ([T, L] or [S*H, T, L], or undefined) -> [S, T, H*d]
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& mask,
    const AttentionConfig& config, bool bf16) {
  const int64_t s = q.size(0), t = q.size(1), width = q.size(2), d = width / config.num_heads;
  const int repeat = config.num_heads / config.num_kv_heads;
  const double scale = config.scale > 0 ? config.scale : 1.0 / std::sqrt(static_cast<double>(d));
  const at::Tensor qh = split_heads(q, config.num_heads, 1);                          // [S*H, T, d]
  const at::Tensor kh = split_heads(k, config.num_kv_heads, repeat).transpose(1, 2);  // [S*H, d, L]
  const at::Tensor vh = split_heads(v, config.num_kv_heads, repeat);                  // [S*H, L, d]
  if (bf16) {  // products in BF16, the softmax in F32
    const auto half = at::kBFloat16;
    at::Tensor scores = at::bmm((qh * scale).to(half), kh.to(half)).to(at::kFloat);  // [S*H, T, L]
    if (mask.defined()) scores = scores + mask.expand({qh.size(0), t, kh.size(2)});
    const at::Tensor out = at::bmm(scores.softmax(-1).to(half), vh.to(half)).to(at::kFloat);  // [S*H, T, d]
    return out.reshape({s, config.num_heads, t, d}).transpose(1, 2).reshape({s, t, width});
  }
  const at::Tensor scores = mask.defined() ? at::baddbmm(mask.expand({qh.size(0), t, kh.size(2)}), qh, kh, 1, scale)
                                           : at::bmm(qh * scale, kh);  // [S*H, T, L]
  const at::Tensor out = at::bmm(scores.softmax(-1), vh);              // [S*H, T, d]
  return out.reshape({s, config.num_heads, t, d}).transpose(1, 2).reshape({s, t, width});
}

}  // namespace

std::unique_ptr<KvCache> TorchOps::do_make_kv_cache(const KvCacheConfig& config) {
  return std::make_unique<TorchKvCache>(config, at::TensorOptions().dtype(computed_in()).device(device_));
}

std::unique_ptr<BatchPlan> TorchOps::do_plan(BatchLayout layout) {
  invariant(!layout.cache || dynamic_cast<TorchKvCache*>(layout.cache), "a cache made by this backend");
  return std::make_unique<TorchPlan>(std::move(layout), device_);
}

const TorchOps::RopeTable& TorchOps::rope_table(const RopeConfig& config, bool is_long, int64_t positions) {
  RopeTable* table = nullptr;
  for (RopeTable& one : rope_tables_)
    if (one.config == config && one.is_long == is_long) table = &one;
  if (!table) table = &rope_tables_.emplace_back(RopeTable{.config = config, .is_long = is_long});
  const int64_t known = table->cos.defined() ? table->cos.size(0) : 0, half = config.head_dim / 2;
  if (known >= positions) return *table;
  const int64_t more = std::max(positions, 2 * known) - known;
  const at::Tensor cos = at::empty({more, half}, at::kFloat), sin = at::empty({more, half}, at::kFloat);
  for (int64_t i = 0; i < more; ++i)
    rope_angles(config, known + i, is_long, cos.data_ptr<float>() + i * half, sin.data_ptr<float>() + i * half);
  const auto grown = [&](const at::Tensor& before, const at::Tensor& behind) {
    return before.defined() ? at::cat({before, behind.to(device_)}, 0) : behind.to(device_);
  };
  table->cos = grown(table->cos, cos);
  table->sin = grown(table->sin, sin);
  return *table;
}

TorchPlan::Rotations TorchOps::rotations(const TorchPlan& plan, const RopeConfig& config) {
  for (const TorchPlan::Rotations& made : plan.rotations())
    if (made.config == config) return made;
  std::vector<int32_t> is_long;  // [R]
  int64_t last[2] = {-1, -1};    // the highest position of short sequences, and of long ones
  for (const BatchRun& run : plan.runs()) {
    const bool which = is_long_rope(config, plan, run);
    is_long.insert(is_long.end(), static_cast<size_t>(run.count), which);
    last[which] = std::max<int64_t>(last[which], plan.batch().position[static_cast<size_t>(run.first + run.count - 1)]);
  }
  const auto rows_of = [&](bool which) {
    const RopeTable& table = rope_table(config, which, std::max(last[0], last[1]) + 1);
    return std::pair{table.cos.index_select(0, plan.positions()).unsqueeze(1),
        table.sin.index_select(0, plan.positions()).unsqueeze(1)};  // [R, 1, d/2]
  };
  auto [cos, sin] = rows_of(last[1] >= 0);
  if (last[0] >= 0 && last[1] >= 0) {
    const auto [short_cos, short_sin] = rows_of(false);
    const at::Tensor longs = upload_index(is_long, device_).to(at::kBool).view({-1, 1, 1});
    cos = at::where(longs, cos, short_cos);
    sin = at::where(longs, sin, short_sin);
  }
  return plan.rotations().emplace_back(TorchPlan::Rotations{config, cos, sin});
}

Tensor TorchOps::do_rope(const Tensor& x, const BatchPlan& plan, const RopeConfig& config) {
  const c10::AutoGradMode recording(options_.gradients && c10::GradMode::is_enabled());
  if (plan.rows() == 0) return x;
  const auto [unused, cos, sin] = rotations(made_here(plan), config);
  const int64_t rows = x.dim(0), d = config.head_dim, half = d / 2;
  const at::Tensor heads = at_tensor(x).reshape({rows, x.dim(1) / d, d});               // [R, H, d]
  const at::Tensor low = heads.narrow(2, 0, half), high = heads.narrow(2, half, half);  // [R, H, d/2]
  return result(at::cat({low * cos - high * sin, high * cos + low * sin}, 2).reshape({rows, x.dim(1)}));
}

Tensor TorchOps::do_attention(
    const Tensor& q, const Tensor& k, const Tensor& v, const BatchPlan& plan, const AttentionConfig& config) {
  const c10::AutoGradMode recording(options_.gradients && c10::GradMode::is_enabled());
  const TorchPlan& mine = made_here(plan);
  if (mine.rows() == 0) return q;
  const at::Tensor q_rows = at_tensor(q), k_rows = at_tensor(k), v_rows = at_tensor(v);  // [R, H*d], [R, K*d]
  // Unequal lengths: each slot's rows are filled up behind to the longest. A query that fills up sees something finite
  // and is thrown away.
  const auto [keys, values] =
      plan.cache() ? static_cast<const TorchKvCache*>(plan.cache())->append(config.layer, mine, k_rows, v_rows)
                   : std::pair{mine.padded(k_rows), mine.padded(v_rows)};  // [S, L, K*d]
  const at::Tensor out = attend(mine.padded(q_rows), keys, values, mine.mask(config), config,
      options_.bf16_products || options_.compute == DType::kBF16);  // [S, T, H*d]
  return result(mine.unpadded(out));
}

}  // namespace hilum
