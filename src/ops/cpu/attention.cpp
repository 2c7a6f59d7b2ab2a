// Rotary positions, attention over ragged batches, and its cache.
#include <cmath>

#include "base/error.h"
#include "ops/cpu/cpu_ops_impl.h"
#include "ops/cpu/kv_cache.h"
#include "ops/rope.h"

namespace hilum {
namespace {

// The rows of one sequence inside the batch.
struct Segment {
  int32_t slot = 0;
  int64_t first = 0, count = 0;  // rows of the batch
  int64_t position = 0;          // of the first row
  int64_t keys = 0;              // keys visible to the slot
  int64_t key_of_first = 0;      // index among them of the first row
  std::vector<HeadKeys> heads;   // per kv head
};

std::vector<Segment> segments_of(const RaggedBatch& batch) {
  invariant(batch.slot.size() == batch.position.size(), "a slot and a position for each row");
  std::vector<Segment> out;
  for (int64_t i = 0; i < batch.rows(); ++i) {
    const auto at = static_cast<size_t>(i);
    if (i == 0 || batch.slot[at] != batch.slot[at - 1]) {
      for (const Segment& s : out) invariant(s.slot != batch.slot[at], "rows of one slot stand together");
      out.push_back({.slot = batch.slot[at], .first = i, .position = batch.position[at]});
    } else {
      invariant(batch.position[at] > batch.position[at - 1], "positions rise within a slot");
    }
    ++out.back().count;
  }
  return out;
}

constexpr int64_t kQueryRows = 56;  // of one task: four groups of the widest kernel

}  // namespace

const CpuOps::RopeTable& CpuOps::rope_table(const RopeConfig& c, bool is_long, int64_t positions) {
  RopeTable* table = nullptr;
  for (RopeTable& t : rope_tables_)
    if (t.config == c && t.is_long == is_long) table = &t;
  if (!table) table = &rope_tables_.emplace_back(RopeTable{.config = c, .is_long = is_long});
  if (table->positions < positions) {
    const int64_t half = c.head_dim / 2, wanted = std::max(positions, 2 * table->positions);
    table->cos.resize(static_cast<size_t>(wanted * half));
    table->sin.resize(static_cast<size_t>(wanted * half));
    for (int64_t p = table->positions; p < wanted; ++p)
      rope_angles(
          c, p, is_long, &table->cos[static_cast<size_t>(p * half)], &table->sin[static_cast<size_t>(p * half)]);
    table->positions = wanted;
  }
  return *table;
}

Tensor CpuOps::rope(const Tensor& x, const RaggedBatch& batch, const RopeConfig& config) {
  invariant(config.head_dim > 0 && config.head_dim % 2 == 0, "rope: an even head width");
  invariant(
      x.shape().rank() == 2 && x.dim(0) == batch.rows() && x.dim(1) % config.head_dim == 0, "rope: x [R, heads*d]");
  const std::vector<bool> is_long = is_long_rope(config, batch);
  int32_t last[2] = {-1, -1};  // the highest position of short sequences, and of long ones
  for (size_t r = 0; r < is_long.size(); ++r) {
    invariant(batch.position[r] >= 0, "rope: positions from 0 on");
    last[is_long[r]] = std::max(last[is_long[r]], batch.position[r]);
  }
  for (const bool which : {false, true})
    if (last[which] >= 0) rope_table(config, which, int64_t{last[which]} + 1);
  const RopeTable* tables[2] = {};  // looked up once both are made: making one may move the other
  for (const bool which : {false, true})
    if (last[which] >= 0) tables[which] = &rope_table(config, which, int64_t{last[which]} + 1);
  const int64_t d = config.head_dim, half = d / 2, width = x.dim(1);
  Tensor y = make(x.shape());  // [R, heads*d]
  const float* from = x.f32();
  float* to = y.f32();
  parallel_pieces(threads_, x.dim(0), width, [&](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      const RopeTable& table = *tables[is_long[static_cast<size_t>(i)]];
      const int64_t at = batch.position[static_cast<size_t>(i)] * half;
      for (int64_t j = 0; j < width; j += d)
        table_.rope(from + i * width + j, table.cos.data() + at, table.sin.data() + at, to + i * width + j, half);
    }
  });
  return y;
}

Tensor CpuOps::attention(const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch,
    const AttentionConfig& config, KvCache* cache) {
  const int64_t rows = batch.rows(), heads = config.num_heads, kv_heads = config.num_kv_heads;
  invariant(heads > 0 && kv_heads > 0 && heads % kv_heads == 0, "attention: kv heads divide the heads");
  invariant(q.shape().rank() == 2 && q.dim(0) == rows && q.dim(1) % heads == 0, "attention: q [R, H*d]");
  const int64_t d = q.dim(1) / heads, shared = heads / kv_heads;
  invariant(k.shape() == (Shape{rows, kv_heads * d}) && v.shape() == k.shape(), "attention: k, v [R, K*d]");
  invariant(d <= kMaxHeadDim, "attention: head width at most 256");
  invariant(config.window == 0 || config.causal, "attention: a window is of causal rows");
  const float scale = config.scale != 0 ? config.scale : static_cast<float>(1.0 / std::sqrt(static_cast<double>(d)));

  // Where each slot's keys go: into the cache behind those it holds, or into scratch for this call.
  std::vector<Segment> segments = segments_of(batch);
  auto* held = dynamic_cast<CpuKvCache*>(cache);
  invariant(!cache || held, "attention: a cache made by this backend");
  std::shared_ptr<float> scratch;
  if (held) {
    const KvCacheConfig& c = held->config();
    invariant(c.kv_heads == kv_heads && c.head_dim == d, "attention: a cache of the same heads");
    for (const Segment& s : segments)
      invariant(batch.position[static_cast<size_t>(s.first + s.count - 1)] == s.position + s.count - 1,
          "attention: positions without gaps");
    for (const Segment& s : segments) held->check_fits(s.slot, s.position, s.count);  // all before the first changes
    for (Segment& s : segments) {
      held->extend(config.layer, s.slot, s.position, s.count);
      s.keys = held->layer_length(config.layer, s.slot);
      s.key_of_first = s.position;
      for (int64_t h = 0; h < kv_heads; ++h) s.heads.push_back(held->head(config.layer, s.slot, static_cast<int>(h)));
    }
  } else {
    int64_t floats = 0;
    for (const Segment& s : segments) floats += head_floats(s.count, d) * kv_heads;
    scratch = pool_->floats(static_cast<size_t>(floats));
    float* at = scratch.get();
    for (Segment& s : segments) {
      s.keys = s.count;
      for (int64_t h = 0; h < kv_heads; ++h, at += head_floats(s.count, d))
        s.heads.push_back(head_keys(at, s.count, d));
    }
  }

  const float *pq = q.f32(), *pk = k.f32(), *pv = v.f32();
  const auto num_segments = static_cast<int64_t>(segments.size());
  parallel_tasks(rows * kv_heads * d < 16384 ? 1 : threads_, num_segments * kv_heads, [&](int64_t task) {
    const Segment& s = segments[static_cast<size_t>(task / kv_heads)];
    const int64_t h = task % kv_heads, at = s.first * kv_heads * d + h * d;
    store_keys(table_, s.heads[static_cast<size_t>(h)], pk + at, pv + at, kv_heads * d, d, s.key_of_first, s.count);
  });

  // A task: some rows of one slot and kv head. The query heads that share the kv head stand as rows of their own, row
  // by row.
  struct Task {
    const Segment* segment;
    int64_t head, first, count;
  };
  std::vector<Task> tasks;
  int64_t work = 0;
  for (const Segment& s : segments)
    for (int64_t h = 0; h < kv_heads; ++h)
      for (int64_t i = 0; i < s.count * shared; i += kQueryRows) {
        tasks.push_back({&s, h, i, std::min(kQueryRows, s.count * shared - i)});
        work += tasks.back().count * s.keys * d;
      }
  Tensor y = make(q.shape());  // [R, H*d]
  float* py = y.f32();
  parallel_tasks(work < 32768 ? 1 : threads_, static_cast<int64_t>(tasks.size()), [&](int64_t index) {
    const Task& t = tasks[static_cast<size_t>(index)];
    const Segment& s = *t.segment;
    alignas(64) float query[kQueryRows * kMaxHeadDim], out[kQueryRows * kMaxHeadDim];
    int64_t visible[kQueryRows], hidden[kQueryRows];
    const auto place = [&](int64_t i) {
      return (s.first + (t.first + i) / shared) * heads * d + (t.head * shared + (t.first + i) % shared) * d;
    };
    for (int64_t i = 0; i < t.count; ++i) {
      table_.scale(pq + place(i), scale, query + i * d, d);
      visible[i] = config.causal ? s.key_of_first + (t.first + i) / shared + 1 : s.keys;
      hidden[i] = std::max<int64_t>(0, visible[i] - config.window);
    }
    const HeadKeys& head = s.heads[static_cast<size_t>(t.head)];
    table_.attention({.q = query,
        .ldq = d,
        .rows = t.count,
        .d = d,
        .visible = visible,
        .hidden = config.window > 0 ? hidden : nullptr,
        .key_panels = head.key_panels,
        .values = head.values,
        .ldv = head.value_stride,
        .y = out,
        .ldy = d});
    for (int64_t i = 0; i < t.count; ++i) table_.scale(out + i * d, 1.0f, py + place(i), d);
  });
  return y;
}

std::unique_ptr<KvCache> CpuOps::make_kv_cache(const KvCacheConfig& config) {
  return std::make_unique<CpuKvCache>(config);
}

}  // namespace hilum
