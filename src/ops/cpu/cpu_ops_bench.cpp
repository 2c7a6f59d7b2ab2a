// Speed of the CPU backend on our models' shapes: linear layers, attention, norms, and the twelve blocks of Dinov2-B/14
// at 518 px as one. Prints GFLOP/s beside the arithmetic roof and GB/s beside the reading roof, both measured in the
// same run. HILUM_KERNELS picks the table.
#include <benchmark/benchmark.h>

#include <thread>

#include "base/rng.h"
#include "kernels/cpu_features.h"
#include "kernels/roofs.h"
#include "kernels/select.h"
#include "ops/cpu/cpu_ops.h"

namespace hilum {
namespace {

Tensor random(const Shape& shape) {
  Rng rng(1);
  Tensor t = Tensor::host(shape);
  for (float& value : t.values()) value = static_cast<float>(rng.uniform(-0.05, 0.05));
  return t;
}
void set(Param& p, const std::string& name, const Shape& shape, DType storage = DType::kF32) {
  p.declare(name, shape);
  p.set_data(to_dtype(random(shape), storage));
}

int num_threads() { return static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

void flops_roof(benchmark::State& state) {
  const KernelTable& table = select_kernel_table();
  double best = 0;
  for (auto _ : state) best = measure_flops_roof(table, num_threads());
  state.SetLabel(std::string(table.name) + ", " + std::to_string(num_threads()) + " threads, " + cpu_features().model);
  state.counters["GFLOP/s"] = best;
}
BENCHMARK(flops_roof)->Iterations(1)->Unit(benchmark::kMillisecond);

void read_roof(benchmark::State& state) {
  double best = 0;
  for (auto _ : state) best = measure_read_roof(num_threads());
  state.counters["GB/s"] = best;
}
BENCHMARK(read_roof)->Iterations(1)->Unit(benchmark::kMillisecond);

// rows, in, out, storage
void linear(benchmark::State& state) {
  const auto ops = make_cpu_ops();
  const int64_t rows = state.range(0), in = state.range(1), out = state.range(2);
  const DType storage = static_cast<DType>(state.range(3));
  Param weight, bias;
  set(weight, "w", {out, in}, storage);
  set(bias, "b", {out});
  const Tensor x = random({rows, in});
  ops->linear(x, weight, &bias);
  for (auto _ : state) benchmark::DoNotOptimize(ops->linear(x, weight, &bias));
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * static_cast<double>(rows * in * out), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["GB/s"] = benchmark::Counter(
      1e-9 * static_cast<double>(in * out * dtype_bits(storage) / 8), benchmark::Counter::kIsIterationInvariantRate);
  state.SetLabel(std::string(dtype_name(storage)));
}
constexpr auto kF32 = static_cast<int64_t>(DType::kF32), kBF16 = static_cast<int64_t>(DType::kBF16),
               kF16 = static_cast<int64_t>(DType::kF16);
BENCHMARK(linear)
    ->Args({1370, 768, 768, kF32})
    ->Args({1370, 768, 3072, kF32})
    ->Args({1370, 3072, 768, kF32})
    ->Args({1370, 768, 3072, kBF16})
    ->Args({64, 2048, 5632, kF32})
    ->Args({1, 2048, 5632, kF32})
    ->Args({1, 2048, 5632, kBF16})
    ->Args({4, 2048, 5632, kBF16})
    ->Args({1, 4096, 11008, kF16})
    ->Args({1, 4096, 32000, kBF16})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// rows, heads, d, causal
void attention(benchmark::State& state) {
  const auto ops = make_cpu_ops();
  const int64_t rows = state.range(0), heads = state.range(1), d = state.range(2);
  const Tensor q = random({rows, heads * d}), k = random({rows, heads * d}), v = random({rows, heads * d});
  const RaggedBatch batch = RaggedBatch::single(rows);
  const AttentionConfig config{
      .num_heads = static_cast<int>(heads), .num_kv_heads = static_cast<int>(heads), .causal = state.range(3) != 0};
  for (auto _ : state) benchmark::DoNotOptimize(ops->attention(q, k, v, *ops->plan(batch), config));
  state.counters["GFLOP/s"] =
      benchmark::Counter(4e-9 * static_cast<double>(rows * rows * heads * d) / (config.causal ? 2 : 1),
          benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(attention)
    ->Args({1370, 12, 64, 0})
    ->Args({1025, 16, 64, 0})
    ->Args({1600, 32, 128, 1})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// One new position against `held` ones: heads, kv heads, d
void cached_step(benchmark::State& state) {
  const auto ops = make_cpu_ops();
  const int64_t held = state.range(0), heads = state.range(1), kv = state.range(2), d = state.range(3);
  const AttentionConfig config{
      .num_heads = static_cast<int>(heads), .num_kv_heads = static_cast<int>(kv), .causal = true};
  const auto cache = ops->make_kv_cache({.layers = 1,
      .kv_heads = static_cast<int>(kv),
      .head_dim = static_cast<int>(d),
      .slots = 1,
      .capacity = held + 1});
  const Tensor q = random({held, heads * d}), k = random({held, kv * d});
  ops->attention(q, k, k, *ops->plan(RaggedBatch::single(held), cache.get()), config);
  const RaggedBatch step = RaggedBatch::single(1, static_cast<int32_t>(held));
  for (auto _ : state) {
    const auto plan = ops->plan(step, cache.get());
    benchmark::DoNotOptimize(ops->attention(q.rows(0, 1), k.rows(0, 1), k.rows(0, 1), *plan, config));
    cache->truncate(0, held);
  }
  state.counters["GB/s"] =
      benchmark::Counter(8e-9 * static_cast<double>(held * kv * d), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(cached_step)
    ->Args({1600, 32, 32, 128})
    ->Args({1600, 32, 4, 64})
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

void elementwise(benchmark::State& state) {
  const auto ops = make_cpu_ops();
  const Tensor wide = random({1370, 3072}), x = random({1370, 768});
  Param weight, bias;
  set(weight, "w", {768});
  set(bias, "b", {768});
  const char* names[] = {"layer_norm [1370, 768]", "gelu [1370, 3072]", "add [1370, 768]", "channel_scale [1370, 768]",
      "softmax [1370, 3072]"};
  for (auto _ : state) switch (state.range(0)) {
      case 0: benchmark::DoNotOptimize(ops->layer_norm(x, weight, bias, 1e-6f)); break;
      case 1: benchmark::DoNotOptimize(ops->gelu(wide)); break;
      case 2: benchmark::DoNotOptimize(ops->add(x, x)); break;
      case 3: benchmark::DoNotOptimize(ops->channel_scale(x, weight)); break;
      default: benchmark::DoNotOptimize(ops->softmax(wide)); break;
    }
  state.SetLabel(names[state.range(0)]);
}
BENCHMARK(elementwise)->DenseRange(0, 4)->UseRealTime()->Unit(benchmark::kMicrosecond);

struct Block {
  Param norm1, norm1_bias, q, k, v, out, scale1, norm2, norm2_bias, fc1, fc2, scale2, q_bias, k_bias, v_bias, out_bias,
      fc1_bias, fc2_bias;
};

// The calls of one Dinov2 image: patches, twelve blocks, the last norm. `side` patches a side.
void vit_image(benchmark::State& state) {
  const int64_t width = state.range(0), depth = state.range(1), heads = state.range(2), patch = state.range(3),
                side = state.range(4), mlp = 4 * width;
  const auto ops = make_cpu_ops();
  std::vector<Block> blocks(static_cast<size_t>(depth));
  for (Block& b : blocks) {
    for (Param* p : {&b.norm1, &b.norm1_bias, &b.norm2, &b.norm2_bias, &b.scale1, &b.scale2, &b.q_bias, &b.k_bias,
             &b.v_bias, &b.out_bias, &b.fc2_bias})
      set(*p, "v", {width});
    for (Param* p : {&b.q, &b.k, &b.v, &b.out}) set(*p, "w", {width, width});
    set(b.fc1, "fc1", {mlp, width});
    set(b.fc2, "fc2", {width, mlp});
    set(b.fc1_bias, "b", {mlp});
  }
  Param patches, token;
  set(patches, "p", {width, 3, patch, patch});
  set(token, "c", {1, width});
  const Tensor image = random({1, 3, side * patch, side * patch});
  const int64_t rows = side * side + 1;
  const RaggedBatch batch = RaggedBatch::single(rows);
  const auto forward = [&] {
    const Tensor parts[] = {
        ops->parameter(token), ops->patch_embed(image, patches, nullptr, patch, 0).reshaped({rows - 1, width})};
    Tensor x = ops->concat(parts, 0);
    const auto plan = ops->plan(batch);
    for (const Block& b : blocks) {
      Tensor y = ops->layer_norm(x, b.norm1, b.norm1_bias, 1e-6f);
      y = ops->attention(ops->linear(y, b.q, &b.q_bias), ops->linear(y, b.k, &b.k_bias), ops->linear(y, b.v, &b.v_bias),
          *plan, {.num_heads = static_cast<int>(heads), .num_kv_heads = static_cast<int>(heads), .causal = false});
      x = ops->add(x, ops->channel_scale(ops->linear(y, b.out, &b.out_bias), b.scale1));
      y = ops->linear(ops->layer_norm(x, b.norm2, b.norm2_bias, 1e-6f), b.fc1, &b.fc1_bias);
      y = ops->linear(ops->gelu(y), b.fc2, &b.fc2_bias);
      x = ops->add(x, ops->channel_scale(y, b.scale2));
    }
    return ops->layer_norm(x, blocks[0].norm1, blocks[0].norm1_bias, 1e-6f);
  };
  forward();
  for (auto _ : state) benchmark::DoNotOptimize(forward());
  const double flops = static_cast<double>(depth) * static_cast<double>(rows) *
                       (2.0 * 12 * static_cast<double>(width * width) + 4.0 * static_cast<double>(rows * width));
  state.counters["GFLOP/s"] = benchmark::Counter(1e-9 * flops, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(vit_image)
    ->Name("dinov2-b14-518")
    ->Args({768, 12, 12, 14, 37})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->MinTime(6);
BENCHMARK(vit_image)
    ->Name("vit-l16-512")
    ->Args({1024, 24, 16, 16, 32})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->MinTime(6);

}  // namespace
}  // namespace hilum
