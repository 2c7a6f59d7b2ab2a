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
#include "models/davit.h"
#include "models/vit.h"

namespace hilum {
namespace {

struct EncoderShape {
  const char* name;
  VitConfig config;
};

// What is timed: an encoder, its parameters, the picture it takes.
struct Encoder {
  std::function<Tensor(Ops&, const Tensor&)> forward;
  ParamList params;
  int image_px = 0, channels = 0;
  std::unique_ptr<Vit> vit;
  std::unique_ptr<ImageTower> tower;
};

const std::vector<EncoderShape>& encoder_shapes() {
  static const std::vector<EncoderShape> shapes{
      {"dinov2-b14-518", {}},  // RAD-DINO, MAIRA-2's encoder: the defaults of VitConfig
      {"vit-l16-512", {.form = VitForm::kClip, .image_px = 512, .patch_px = 16, .channels = 1, .width = 1024, .depth = 24, .num_heads = 16,
                       .mlp_width = 4096, .norm_eps = 1e-5f, .activation = Activation::kQuickGelu, .feature_layer = 24, .final_norm = false}},
  };
  return shapes;
}

constexpr const char* kDavitShape = "davit-480";  // MedImageInsight's image tower

Encoder make_encoder(const std::string& name) {
  Encoder made;
  if (name == kDavitShape) {
    made.tower = std::make_unique<Davit>(DavitConfig{}, "image.");
    made.tower->params(made.params);
    made.image_px = made.tower->image_px(), made.channels = made.tower->channels();
    made.forward = [tower = made.tower.get()](Ops& ops, const Tensor& pixels) { return tower->forward(ops, pixels); };
    return made;
  }
  for (const EncoderShape& shape : encoder_shapes())
    if (name == shape.name) {
      made.vit = std::make_unique<Vit>(shape.config, "encoder.");
      made.vit->params(made.params);
      made.image_px = shape.config.image_px, made.channels = shape.config.channels;
      made.forward = [vit = made.vit.get()](Ops& ops, const Tensor& pixels) { return vit->forward(ops, pixels); };
      return made;
    }
  throw Error("--shape", name.empty() ? "no shape was named" : "\"" + name + "\" is not in this version",
              "This version has dinov2-b14-518, vit-l16-512 and davit-480.");
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
  const Encoder encoder = make_encoder(shape_name);
  check(options.integer("--prompt") == 0 && options.integer("--gen") == 0 && !options.maybe("--write"), "hilum bench",
        "--prompt, --gen and --write belong to the language shapes, which are not in this version");

  const DType type = weight_type(options.text("--type"));
  const auto ops = make_backend({.threads = static_cast<int>(options.integer("--threads")), .device = options.text("--device")});
  const auto load_start = std::chrono::steady_clock::now();
  fill_random(encoder.params, 1, type);
  const double load_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - load_start).count();

  const int64_t images = options.integer("--images");
  const Tensor pixels = Tensor::host({images, encoder.channels, encoder.image_px, encoder.image_px});  // [N, C, H, W]
  int64_t i = 0;
  for (float& value : pixels.values()) value = static_cast<float>((i++ * 7919) % 1000) * 0.002f - 1.0f;
  const auto once = [&] { ops->to_host(encoder.forward(*ops, ops->from_host(pixels))); };
  once();  // packs the weights, faults the memory in
  const double seconds = median_seconds(static_cast<int>(options.integer("--repeat")), once);

  const int threads = backend_threads(static_cast<int>(options.integer("--threads")));
  const double f32_roof = measure_flops_roof(select_kernel_table(), threads), read_roof = measure_read_roof(threads);
  Json result{{"machine", machine_name()}, {"kernels", std::string(ops->name())}, {"threads", threads}, {"shape", shape_name},
              {"type", options.text("--type")}, {"images", images}, {"image_s", seconds / static_cast<double>(images)},
              {"peak_rss_mb", peak_rss_mb()}, {"load_s", load_s}, {"f32_roof_gflops", f32_roof}, {"read_roof_gb_s", read_roof}};
  fmt::print("{} on {}, {} threads, {}\n  image {:.3f} s (median of {}), peak memory {:.0f} MB\n  roofs in this run: F32 {:.0f} GFLOP/s, reads {:.1f} GB/s\n",
             shape_name, result["machine"].get<std::string>(), threads, std::string(ops->name()), seconds / static_cast<double>(images),
             options.integer("--repeat"), peak_rss_mb(), f32_roof, read_roof);
  if (const auto file = options.maybe("--json")) write_file(*file, result.dump(2) + "\n");
  return 0;
}

}  // namespace hilum
