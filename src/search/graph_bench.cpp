// The graph against exact search on clustered vectors (clusters_for_test.h: 1,000 centres, spread 0.7): time to build,
// time a query, recall@10. HILUM_BENCH_GRAPH_ROWS rows (20,000 if not set) of width 256, F32.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "base/environment.h"
#include "base/stopwatch.h"
#include "kernels/select.h"
#include "search/clusters_for_test.h"
#include "search/graph.h"

namespace hilum {
namespace {

constexpr int64_t kWidth = 256, kQueries = 200;

struct Data {
  Clustered rows, queries;
  VectorRows view;
};

const Data& data() {
  static const Data made = [] {
    const char* set = environment("HILUM_BENCH_GRAPH_ROWS");
    const int64_t count = set ? std::atoll(set) : 20'000;
    Data d{clustered_vectors(count, kWidth, 1000, 0.7, 21), clustered_vectors(kQueries, kWidth, 1000, 0.7, 21, 2), {}};
    d.view = {d.rows.values.data(), DType::kF32, count, kWidth};
    return d;
  }();
  return made;
}

std::span<const float> query(int64_t i) {
  return {data().queries.values.data() + (i % kQueries) * kWidth, static_cast<size_t>(kWidth)};
}

void exact_query(benchmark::State& state) {
  const KernelTable& table = select_kernel_table();
  data();
  int64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(top_k(table, data().view, query(i++), 10, 2));
  state.SetLabel(std::string(table.name) + ", 2 threads, " + std::to_string(data().view.count) + " rows of " +
                 std::to_string(kWidth));
}
BENCHMARK(exact_query)->Unit(benchmark::kMillisecond)->UseRealTime();

void graph_query(benchmark::State& state) {
  const KernelTable& table = select_kernel_table();
  const Stopwatch watch;
  static const auto graph = SearchGraph::build(table, data().view, {}, 2);
  static const double build_s = watch.seconds();
  static const double recall = [&] {
    const auto exact = top_k(table, data().view, data().queries.values, 10, 2);
    int found = 0;
    for (int64_t q = 0; q < kQueries; ++q)
      for (const Hit& hit : graph->search(query(q), 10))
        for (const Hit& want : exact[static_cast<size_t>(q)]) found += hit.row == want.row;
    return found / (10.0 * kQueries);
  }();
  int64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(graph->search(query(i++), 10));
  state.counters["build_s"] = build_s;
  state.counters["recall_at_10"] = recall;
  state.SetLabel("1 thread");
}
BENCHMARK(graph_query)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace hilum
