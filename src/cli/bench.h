// The parts of `hilum bench`: pictures through an embedding system, pictures and tokens through a vision-language
// model, and what is printed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/process.h"
#include "engine/model.h"
#include "models/shape.h"

namespace hilum {

struct BenchTask {
  std::optional<ModelShape> shape;  // random weights in memory; else
  std::filesystem::path model;      // what lies here
  DType type = DType::kF32;         // of a shape's weights
  BackendConfig backend;
  int64_t images = 1, batch = 1;       // pictures a pass; sequences at once
  std::optional<int64_t> prompt, gen;  // tokens a sequence; not given: as much as is usual
  int repeat = 5;                      // medians of so many runs
};

struct BenchResult {
  std::string name, kernels;               // "llama-7b", "cpu (avx512_vnni)"
  double load_s = 0;                       // until the weights are mapped or made
  int64_t images = 0;                      // pictures a pass; 0: none were run
  double image_s = 0, image_first_s = 0;   // of one picture; of the first pass, which also packs the weights
  int64_t prompt = 0, gen = 0, batch = 0;  // tokens a sequence; 0: none were run
  double prefill_tokens_per_s = 0, decode_tokens_per_s = 0, text_first_s = 0;
  uint64_t weights_bytes = 0, cache_bytes = 0;
  ProcessMemory memory;  // with the model still there
};

BenchResult bench_embedding(const BenchTask& task);
// Throws Error, before any work, where weights and cache do not fit the machine's memory or the tokens the model's
// context.
BenchResult bench_language(const BenchTask& task);

double seconds_of(const std::function<void()>& once);
double median(std::vector<double> values);
// Values that a picture could have, host F32 [N, C, px, px].
Tensor bench_pixels(const Shape& shape);

struct BenchMachine {
  std::string name, type;  // of the processor; of the weights
  int threads = 0, repeat = 0;
  double f32_roof = 0, read_roof = 0;  // GFLOP/s, GB/s in this run
};
std::string bench_text(const BenchResult& result, const BenchMachine& machine);
std::string bench_json(const BenchResult& result, const BenchMachine& machine);  // DESIGN section 6

}  // namespace hilum
