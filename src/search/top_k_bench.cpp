// Search over one million rows of width 1024, exact, as F32 (4 GB) and F16 (2 GB); beside it a plain double loop over a
// hundredth of them. HILUM_BENCH_ROWS makes it smaller.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "base/environment.h"
#include "kernels/select.h"
#include "search/clusters_for_test.h"
#include "search/top_k.h"

namespace hilum {
namespace {

constexpr int64_t kWidth = 1024;

int64_t rows_wanted() {
  const char* set = environment("HILUM_BENCH_ROWS");
  return set ? std::atoll(set) : 1'000'000;
}

// Values do not matter to the time: a thousand rows of unit size, over and over, in memory far beyond every cache.
VectorRows make_rows(DType dtype) {
  static std::unique_ptr<std::byte[]> memory;
  static DType held = DType::kBool;
  const VectorRows rows{.dtype = dtype, .count = rows_wanted(), .width = kWidth};
  const size_t bytes = static_cast<size_t>(rows.count) * rows.row_bytes();
  if (held != dtype) {
    memory.reset();
    memory.reset(new std::byte[bytes]);
    held = dtype;
    Rng rng(1);
    std::vector<float> values(1000 * kWidth);
    std::vector<uint16_t> halves;
    for (float& value : values) {
      value = static_cast<float>(rng.uniform(-0.054, 0.054));
      halves.push_back(f32_to_f16(value));
    }
    const size_t pattern = 1000 * rows.row_bytes();
    const void* from = dtype == DType::kF16 ? static_cast<const void*>(halves.data()) : values.data();
    for (size_t at = 0; at < bytes; at += pattern) std::memcpy(memory.get() + at, from, std::min(pattern, bytes - at));
  }
  VectorRows filled = rows;
  filled.data = memory.get();
  return filled;
}

void exact(benchmark::State& state, DType dtype, int64_t num_queries) {
  const VectorRows rows = make_rows(dtype);
  const Clustered queries = clustered_vectors(num_queries, kWidth, 4, 0.7, 3);
  const KernelTable& table = select_kernel_table();
  for (auto _ : state) benchmark::DoNotOptimize(top_k(table, rows, queries.values, 10, 2));
  state.SetBytesProcessed(state.iterations() * rows.count * static_cast<int64_t>(rows.row_bytes()));
  state.SetLabel(std::string(table.name) + ", 2 threads, " + std::to_string(rows.count) + " rows, " +
                 std::to_string(num_queries) + " queries");
}
BENCHMARK_CAPTURE(exact, f16, DType::kF16, 1)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(2);
BENCHMARK_CAPTURE(exact, f16_16_queries, DType::kF16, 16)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(2);
BENCHMARK_CAPTURE(exact, f32, DType::kF32, 1)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(2);

void plain_double_loop(benchmark::State& state) {
  VectorRows rows = make_rows(DType::kF32);
  rows.count /= 100;
  const Clustered query = clustered_vectors(1, kWidth, 4, 0.7, 3);
  for (auto _ : state) benchmark::DoNotOptimize(top_k_plain(rows, query.values, 10));
  state.SetBytesProcessed(state.iterations() * rows.count * static_cast<int64_t>(rows.row_bytes()));
  state.SetLabel(std::to_string(rows.count) + " rows");
}
BENCHMARK(plain_double_loop)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(1);

}  // namespace
}  // namespace hilum
