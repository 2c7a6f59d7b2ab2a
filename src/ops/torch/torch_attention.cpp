// Rotary positions, ragged attention and its cache over libtorch. Letters as in ops.h; S slots in the call, T rows of
// the longest, L keys of the longest.
#include <cmath>
#include <limits>

#include <ATen/TensorOperators.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>

#include "base/error.h"
#include "ops/rope.h"
#include "ops/torch/torch_ops.h"

namespace hilum {

bool TorchOps::RopeTable::fits(const RaggedBatch& batch, const RopeConfig& wanted) const {
  return cos.defined() && config == wanted && position == batch.position && slot == batch.slot;
}

Tensor TorchOps::rope(const Tensor& x, const RaggedBatch& batch, const RopeConfig& config) {
  const c10::AutoGradMode recording(options_.gradients && c10::GradMode::is_enabled());
  const int64_t rows = batch.rows(), d = config.head_dim, half = d / 2;
  invariant(x.shape().rank() == 2 && x.dim(0) == rows && x.dim(1) % d == 0 && d % 2 == 0, "rope: [R, heads*d]");
  if (!rope_table_.fits(batch, config)) {
    const at::Tensor cos = at::empty({rows, 1, half}, at::kFloat), sin = at::empty({rows, 1, half}, at::kFloat);
    float *c = cos.data_ptr<float>(), *s = sin.data_ptr<float>();
    const std::vector<bool> is_long = is_long_rope(config, batch);
    for (int64_t r = 0; r < rows; ++r)
      rope_angles(config, batch.position[r], is_long[static_cast<size_t>(r)], c + r * half, s + r * half);
    rope_table_ = RopeTable{batch.slot, batch.position, config, cos.to(device_), sin.to(device_)};
  }
  const at::Tensor heads = at_tensor(x).reshape({rows, -1, d});                         // [R, H, d]
  const at::Tensor low = heads.narrow(2, 0, half), high = heads.narrow(2, half, half);  // [R, H, d/2]
  const at::Tensor &cos = rope_table_.cos, &sin = rope_table_.sin;
  return from_at(at::cat({low * cos - high * sin, high * cos + low * sin}, 2).reshape({rows, x.dim(1)}));
}

namespace {

class TorchKvCache final : public KvCache {
 public:
  TorchKvCache(const KvCacheConfig& config, at::Device device) : config_(config) {
    const std::vector<int64_t> shape = {config.slots, config.capacity, int64_t{config.kv_heads} * config.head_dim};
    for (int layer = 0; layer < config.layers; ++layer) {
      keys_.push_back(at::full(shape, 0, at::TensorOptions().dtype(at::kFloat).device(device)));
      values_.push_back(at::full(shape, 0, at::TensorOptions().dtype(at::kFloat).device(device)));
      lengths_.emplace_back(static_cast<size_t>(config.slots), 0);
    }
  }

  int64_t length(int32_t slot) const override {  // what every layer holds
    int64_t held = config_.capacity;
    for (const auto& layer : lengths_) held = std::min(held, layer[static_cast<size_t>(slot)]);
    return held;
  }
  void truncate(int32_t slot, int64_t length) override {
    for (auto& layer : lengths_) layer[static_cast<size_t>(slot)] = std::min(layer[static_cast<size_t>(slot)], length);
  }
  void copy(int32_t from, int32_t to, int64_t length) override {
    invariant(from != to && length <= this->length(from), "positions of another slot");
    for (size_t layer = 0; layer < keys_.size(); ++layer) {
      for (const at::Tensor& held : {keys_[layer], values_[layer]})
        held.select(0, to).narrow(0, 0, length).copy_(held.select(0, from).narrow(0, 0, length));
      lengths_[layer][static_cast<size_t>(to)] = length;
    }
  }
  size_t bytes() const override { return keys_.empty() ? 0 : 2 * keys_.size() * keys_[0].nbytes(); }

  // Throws Error unless positions first .. first+count-1 of the slot fit.
  void check_room(int32_t slot, int64_t first, int64_t count) const {
    if (first + count <= config_.capacity) return;
    throw Error("kv cache",
        "slot " + std::to_string(slot) + " holds " + std::to_string(config_.capacity) + " positions, of which " +
            std::to_string(first) + " are taken: " + std::to_string(std::max<int64_t>(0, config_.capacity - first)) +
            " of these " + std::to_string(count) + " rows fit",
        "Ask for a larger cache, or shorten the prompt.");
  }
  // Puts rows k, v [n, K*d] at positions first .. first+n-1 and returns all rows of the slot, [first + n, K*d].
  std::pair<at::Tensor, at::Tensor> append(
      int layer, int32_t slot, int64_t first, const at::Tensor& k, const at::Tensor& v) {
    invariant(
        layer >= 0 && layer < config_.layers && slot >= 0 && slot < config_.slots, "a layer and slot of the cache");
    int64_t& length = lengths_[static_cast<size_t>(layer)][static_cast<size_t>(slot)];
    invariant(length >= first, "no gap between cached and new positions");
    length = first + k.size(0);
    const auto put = [&](const at::Tensor& held, const at::Tensor& rows) {
      const at::Tensor all = held.select(0, slot).narrow(0, 0, length);
      all.narrow(0, first, rows.size(0)).copy_(rows.detach());
      return all;
    };
    return {put(keys_[static_cast<size_t>(layer)], k), put(values_[static_cast<size_t>(layer)], v)};
  }

 private:
  KvCacheConfig config_;
  std::vector<at::Tensor> keys_, values_;      // per layer [slots, capacity, K*d]
  std::vector<std::vector<int64_t>> lengths_;  // [layers][slots]
};

// The runs of equal slot in a batch.
struct Run {
  int32_t slot;
  int64_t first, count, position;
};

std::vector<Run> runs_of(const RaggedBatch& batch) {
  std::vector<Run> runs;
  for (int64_t r = 0; r < batch.rows(); ++r) {
    if (runs.empty() || runs.back().slot != batch.slot[r]) runs.push_back({batch.slot[r], r, 0, batch.position[r]});
    ++runs.back().count;
  }
  return runs;
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

constexpr float kHidden = -std::numeric_limits<float>::infinity();

}  // namespace

std::unique_ptr<KvCache> TorchOps::make_kv_cache(const KvCacheConfig& config) {
  return std::make_unique<TorchKvCache>(config, device_);
}

Tensor TorchOps::attention(const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch,
    const AttentionConfig& config, KvCache* cache) {
  const c10::AutoGradMode recording(options_.gradients && c10::GradMode::is_enabled());
  invariant(config.num_kv_heads > 0 && config.num_heads % config.num_kv_heads == 0, "attention: K divides H");
  invariant(q.dim(0) == batch.rows() && k.dim(0) == batch.rows() && v.dim(0) == batch.rows(),
      "attention: a row each in q, k and v");
  const std::vector<Run> runs = runs_of(batch);
  const auto slots = static_cast<int64_t>(runs.size());
  if (slots == 0) return q;
  auto* stored = static_cast<TorchKvCache*>(cache);
  int64_t longest = 0, shortest = std::numeric_limits<int64_t>::max(), keys = 0;
  for (const Run& run : runs) {
    longest = std::max(longest, run.count), shortest = std::min(shortest, run.count);
    keys = std::max(keys, stored ? run.position + run.count : run.count);
  }
  const at::Tensor q_rows = at_tensor(q), k_rows = at_tensor(k), v_rows = at_tensor(v);  // [R, H*d], [R, K*d]
  const auto float_like = q_rows.options();

  const auto causal_mask = [&] {  // [T, T]
    const auto hidden = [&] {
      return at::full({longest, longest}, kHidden, at::TensorOptions().dtype(at::kFloat).device(device_));
    };
    const at::Tensor later = hidden().triu_(1);
    return config.window > 0 ? later + hidden().tril_(-config.window) : later;
  };

  if (!stored && shortest == longest) {  // equal lengths, nothing stored: the rows are a dense [S, T, ...] already
    const at::Tensor out = attend(q_rows.reshape({slots, longest, -1}), k_rows.reshape({slots, longest, -1}),
        v_rows.reshape({slots, longest, -1}), config.causal ? causal_mask() : at::Tensor(), config,
        options_.bf16_products);
    return from_at(out.reshape(q.shape().dims()));
  }

  // Unequal lengths: each slot's rows are padded behind to the longest. A padding query sees something finite and is
  // thrown away.
  std::vector<int32_t> pad(static_cast<size_t>(slots * longest)), unpad;  // padded place -> row, row -> padded place
  for (int64_t s = 0; s < slots; ++s)
    for (int64_t t = 0; t < longest; ++t) {
      pad[static_cast<size_t>(s * longest + t)] = static_cast<int32_t>(runs[s].first + std::min(t, runs[s].count - 1));
      if (t < runs[s].count) unpad.push_back(static_cast<int32_t>(s * longest + t));
    }
  const at::Tensor pad_index = index(pad);
  const auto padded = [&](const at::Tensor& rows) {
    return rows.index_select(0, pad_index).reshape({slots, longest, -1});
  };

  at::Tensor k_padded, v_padded, mask;
  if (stored) {
    for (const Run& run : runs) stored->check_room(run.slot, run.position, run.count);
    std::vector<at::Tensor> k_all, v_all;  // [L, K*d] a slot, zeros behind
    for (const Run& run : runs) {
      auto [k_slot, v_slot] = stored->append(config.layer, run.slot, run.position,
          k_rows.narrow(0, run.first, run.count), v_rows.narrow(0, run.first, run.count));
      const at::Tensor none = at::full({keys - k_slot.size(0), k_slot.size(1)}, 0, float_like);
      k_all.push_back(at::cat({k_slot, none}, 0)), v_all.push_back(at::cat({v_slot, none}, 0));
    }
    k_padded = at::stack(k_all), v_padded = at::stack(v_all);  // [S, L, K*d]
  } else {
    k_padded = padded(k_rows), v_padded = padded(v_rows);
  }
  if (!stored && config.causal) {
    mask = causal_mask();  // padding stands behind: no real row sees it
  } else {
    Tensor host = Tensor::host({slots, longest, keys});
    float* m = host.f32();
    for (const Run& run : runs) {
      const int64_t held = stored ? run.position + run.count : run.count, offset = stored ? run.position : 0;
      for (int64_t t = 0; t < longest; ++t)
        for (int64_t j = 0; j < keys; ++j) {
          const bool seen =
              !config.causal || (j <= offset + t && (config.window == 0 || j > offset + t - config.window));
          *m++ = j < held && seen ? 0.0f : kHidden;
        }
    }
    mask = at_tensor(from_host(host))
               .unsqueeze(1)
               .expand({slots, config.num_heads, longest, keys})
               .reshape({slots * config.num_heads, longest, keys});
  }
  const at::Tensor out =
      attend(padded(q_rows), k_padded, v_padded, mask, config, options_.bf16_products);  // [S, T, H*d]
  return from_at(out.reshape({slots * longest, -1}).index_select(0, index(unpad)));
}

}  // namespace hilum
