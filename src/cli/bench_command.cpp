// hilum bench: medians of speed for a published shape with random weights, beside the machine's roofs.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "engine/model.h"
#include "engine/random_weights.h"
#include "kernels/roofs.h"
#include "kernels/select.h"
#include "models/vit.h"

namespace hilum {
namespace {

struct EncoderShape {
  const char* name;
  VitConfig config;
};

const std::vector<EncoderShape>& encoder_shapes() {
  static const std::vector<EncoderShape> shapes{
      {"dinov2-b14-518", {}},  // RAD-DINO, MAIRA-2's encoder: the defaults of VitConfig
      {"vit-l16-512", {.form = VitForm::kClip, .image_px = 512, .patch_px = 16, .channels = 1, .width = 1024, .depth = 24, .num_heads = 16,
                       .mlp_width = 4096, .norm_eps = 1e-5f, .activation = Activation::kQuickGelu, .feature_layer = 24, .final_norm = false}},
  };
  return shapes;
}

std::string machine_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

double median_seconds(int repeat, const std::function<void()>& once) {
  std::vector<double> seconds;
  Progress progress("bench", repeat, "runs");
  for (int i = 0; i < repeat; ++i) {
    const auto start = std::chrono::steady_clock::now();
    once();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    progress.update(i + 1);
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeat / 2, seconds.end());
  return seconds[static_cast<size_t>(repeat / 2)];
}

DType weight_type(const std::string& name) {
  if (name == "f32") return DType::kF32;
  if (name == "f16") return DType::kF16;
  if (name == "bf16") return DType::kBF16;
  throw Error("--type", "\"" + name + "\" is not in this version", "Use f32, f16 or bf16.");
}

}  // namespace

int run_bench(const OptionValues& options) {
  set_up_from(options);
  const std::string shape_name = options.text("--shape");
  const auto& shapes = encoder_shapes();
  const auto shape = std::find_if(shapes.begin(), shapes.end(), [&](const EncoderShape& s) { return s.name == shape_name; });
  if (shape == shapes.end())
    throw Error("--shape", shape_name.empty() ? "no shape was named" : "\"" + shape_name + "\" is not in this version",
                "This version has dinov2-b14-518 and vit-l16-512.");
  check(options.integer("--prompt") == 0 && options.integer("--gen") == 0 && !options.maybe("--write"), "hilum bench",
        "--prompt, --gen and --write belong to the language shapes, which are not in this version");

  const DType type = weight_type(options.text("--type"));
  const auto ops = make_backend({.threads = static_cast<int>(options.integer("--threads")), .device = options.text("--device")});
  Vit encoder(shape->config, "encoder.");
  ParamList params;
  encoder.params(params);
  const auto load_start = std::chrono::steady_clock::now();
  fill_random(params, 1, type);
  const double load_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - load_start).count();

  const int64_t images = options.integer("--images");
  const VitConfig& config = shape->config;
  const Tensor pixels = Tensor::host({images, config.channels, config.image_px, config.image_px});  // [N, C, H, W]
  int64_t i = 0;
  for (float& value : pixels.values()) value = static_cast<float>((i++ * 7919) % 1000) * 0.002f - 1.0f;
  const auto once = [&] { ops->to_host(encoder.forward(*ops, ops->from_host(pixels))); };
  once();  // packs the weights, faults the memory in
  const double seconds = median_seconds(static_cast<int>(options.integer("--repeat")), once);

  const int threads = backend_threads(static_cast<int>(options.integer("--threads")));
  const double f32_roof = measure_flops_roof(select_kernel_table(), threads), read_roof = measure_read_roof(threads);
  Json result{{"machine", machine_name()}, {"kernels", std::string(ops->name())}, {"threads", threads}, {"shape", shape->name},
              {"type", options.text("--type")}, {"images", images}, {"image_s", seconds / static_cast<double>(images)},
              {"peak_rss_mb", peak_rss_mb()}, {"load_s", load_s}, {"f32_roof_gflops", f32_roof}, {"read_roof_gb_s", read_roof}};
  fmt::print("{} on {}, {} threads, {}\n  image {:.3f} s (median of {}), peak memory {:.0f} MB\n  roofs in this run: F32 {:.0f} GFLOP/s, reads {:.1f} GB/s\n",
             shape->name, result["machine"].get<std::string>(), threads, std::string(ops->name()), seconds / static_cast<double>(images),
             options.integer("--repeat"), peak_rss_mb(), f32_roof, read_roof);
  if (const auto file = options.maybe("--json")) write_file(*file, result.dump(2) + "\n");
  return 0;
}

}  // namespace hilum
