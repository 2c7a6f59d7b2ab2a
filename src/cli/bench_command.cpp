// hilum bench: medians of speed for a model or a published shape with random weights, beside the machine's roofs.
#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/stopwatch.h"
#include "cli/bench.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "engine/random_model.h"
#include "kernels/roofs.h"
#include "kernels/select.h"

namespace hilum {
namespace {

std::string machine_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

DType weight_type(const std::string& name) {
  if (name == "f32") return DType::kF32;
  if (name == "f16") return DType::kF16;
  if (name == "bf16") return DType::kBF16;
  throw Error("--type", "\"" + name + "\" is not in this version", "Use f32, f16 or bf16.");
}

int write_shape(const fs::path& folder, const ModelShape& shape, DType type) {
  const RandomModelSize size = write_random_model(folder, shape, type);
  log_info(fmt::format("{}: {} parameters, {:.2f} GB of random weights as {}; `hilum info {}` describes it",
      folder.string(), size.params, static_cast<double>(size.bytes) / 1e9, dtype_name(type), folder.string()));
  return 0;
}

}  // namespace

double seconds_of(const std::function<void()>& once) {
  const Stopwatch watch;
  once();
  return watch.seconds();
}

double median(std::vector<double> values) {
  invariant(!values.empty(), "something was measured");
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Tensor bench_pixels(const Shape& shape) {
  Tensor pixels = Tensor::host(shape);
  int64_t i = 0;
  for (float& value : pixels.values()) value = static_cast<float>((i++ * 7919) % 1000) * 0.002f - 1.0f;
  return pixels;
}

int run_bench(const OptionValues& options) {
  set_up_from(options);
  BenchTask task{.backend = backend_config(options),
      .images = options.integer("--images"),
      .batch = options.integer("--batch"),
      .repeat = static_cast<int>(options.integer("--repeat"))};
  if (options.maybe("--prompt")) task.prompt = options.integer("--prompt");
  if (options.maybe("--gen")) task.gen = options.integer("--gen");
  std::string type = "as stored";
  bool language = false;
  if (const auto name = options.maybe("--shape")) {
    task.shape = shape_named(*name);
    language = !task.shape->preset.embedding;
    type = options.maybe("--type").value_or(language ? "f16" : "f32");
    task.type = weight_type(type);
    if (const auto folder = options.maybe("--write")) return write_shape(*folder, *task.shape, task.type);
  } else {
    check(!options.maybe("--write"), "--write", "writes the random weights of a shape", "Name it with --shape.");
    task.model = model_path(options);
    language = !preset_of_files(task.model).embedding;
  }
  check(language || (!task.prompt && !task.gen && task.batch == 1), "hilum bench",
      "--prompt, --gen and --batch belong to language models", "This one embeds pictures: use --images.");
  const BenchResult result = language ? bench_language(task) : bench_embedding(task);

  const int threads = backend_threads(task.backend.threads);
  const BenchMachine machine{.name = machine_name(),
      .type = type,
      .threads = threads,
      .repeat = task.repeat,
      .f32_roof = measure_flops_roof(select_kernel_table(), threads),
      .read_roof = measure_read_roof(threads)};
  fmt::print("{}", bench_text(result, machine));
  if (const auto file = options.maybe("--json")) write_file(*file, bench_json(result, machine));
  return 0;
}

}  // namespace hilum
