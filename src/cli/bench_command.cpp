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
#include "cli/report_run.h"
#include "engine/embedder.h"
#include "engine/random_weights.h"
#include "kernels/roofs.h"
#include "kernels/select.h"
#include "models/checkpoint.h"
#include "models/dual_encoder_config.h"
#include "text/bpe_trainer.h"

namespace hilum {
namespace {

// Published shapes that are timed by their preset's image tower.
constexpr std::pair<const char*, const char*> kEncoderShapes[] = {
    {"dinov2-b14-518", "rad-dino"}, {"vit-l16-512", "cxr-llava-encoder"}, {"davit-480", "medimageinsight"}};

std::unique_ptr<DualEncoder> make_shape(const std::string& name, std::string& preset) {
  preset = name;
  for (const auto& [shape, of] : kEncoderShapes)
    if (name == shape) preset = of;
  for (const Preset& known : presets())
    if (known.name == preset && known.embedding) return make_dual_encoder(known, Json(), preset);
  throw Error("--shape", name.empty() ? "no shape was named" : "\"" + name + "\" is not in this version",
              "This version has dinov2-b14-518, vit-l16-512, davit-480 and the names of embedding systems (hilum info).");
}

// Parameters of the image tower alone, where nothing else is run.
ParamList image_params(DualEncoder& model) {
  ParamList all, image;
  model.params(all);
  for (Param* param : all)
    if (param->name().starts_with("image")) image.push_back(param);
  return image;
}

// The shape as a model directory: random weights, and a tokenizer of a few words where there is a text tower.
void write_shape(const fs::path& folder, DualEncoder& model, const std::string& preset, DType type) {
  check(!fs::exists(folder) || fs::is_empty(folder), folder.c_str(), "holds files already", "Name another folder with --write.");
  fs::create_directories(folder);
  ParamList all;
  model.params(all);
  fill_random(all, 1, type);
  save_checkpoint(folder, all, preset_named(preset).keys, type);
  write_file(folder / "hilum.toml", "preset = \"" + preset + "\"  # random weights, for measuring alone\n");
  if (model.has_text()) write_file(folder / "tokenizer.json", train_byte_bpe({"chest x-ray no finding pneumonia effusion"}, {.vocab_size = 300}));
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
  check(options.integer("--prompt") == 0 && options.integer("--gen") == 0, "hilum bench", "--prompt and --gen belong to the language shapes, which are not in this version");
  const BackendConfig backend = backend_config(options);
  const int64_t images = options.integer("--images");
  std::unique_ptr<DualEncoder> shape;
  std::unique_ptr<Embedder> embedder;
  std::unique_ptr<Ops> ops;
  std::function<Tensor(const Tensor&)> run;
  std::string name = options.text("--shape");
  Shape picture;                                                           // [N, C, H, W]
  const auto load_start = std::chrono::steady_clock::now();
  if (!name.empty()) {
    std::string preset;
    shape = make_shape(name, preset);
    const DType type = weight_type(options.text("--type"));
    if (const auto folder = options.maybe("--write")) {
      write_shape(*folder, *shape, preset, type);
      return 0;
    }
    fill_random(image_params(*shape), 1, type);
    ops = make_backend(backend);
    picture = {images, shape->image().channels(), shape->image().image_px(), shape->image().image_px()};
    run = [&](const Tensor& pixels) { return ops->to_host(shape->embed_image(*ops, pixels)); };
  } else {
    embedder = load_embedder(model_path(options), backend);
    name = embedder->info().name;
    const PreprocessConfig& takes = embedder->preprocessing();
    const bool crop = std::ranges::count(takes.steps, PreprocessStep::kCenterCrop) > 0;
    picture = {images, takes.channels, crop ? takes.crop_height : takes.height, crop ? takes.crop_width : takes.width};
    run = [&](const Tensor& pixels) { return embedder->embed_pixels(pixels); };
  }
  const double load_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - load_start).count();

  const Tensor pixels = Tensor::host(picture);
  int64_t i = 0;
  for (float& value : pixels.values()) value = static_cast<float>((i++ * 7919) % 1000) * 0.002f - 1.0f;
  const auto once = [&] { run(pixels); };
  const double first_s = median_seconds(1, once);                          // packs the weights, faults the memory in
  const double seconds = median_seconds(static_cast<int>(options.integer("--repeat")), once) / static_cast<double>(images);
  const double peak_mb = peak_rss_mb();

  const int threads = backend_threads(backend.threads);
  const double f32_roof = measure_flops_roof(select_kernel_table(), threads), read_roof = measure_read_roof(threads);
  const std::string kernels = ops ? std::string(ops->name()) : std::string(select_kernel_table().name);
  Json result{{"machine", machine_name()}, {"kernels", kernels}, {"threads", threads}, {"shape", name},
              {"type", shape ? options.text("--type") : "as stored"}, {"images", images}, {"image_s", seconds}, {"first_s", first_s},
              {"peak_rss_mb", peak_mb}, {"load_s", load_s}, {"f32_roof_gflops", f32_roof}, {"read_roof_gb_s", read_roof}};
  fmt::print("{} on {}, {} threads, {}\n  ready after {:.3f} s; image {:.3f} s (median of {}; the first {:.3f} s), peak memory {:.0f} MB\n"
             "  roofs in this run: F32 {:.0f} GFLOP/s, reads {:.1f} GB/s\n",
             name, result["machine"].get<std::string>(), threads, kernels, load_s, seconds, options.integer("--repeat"), first_s, peak_mb, f32_roof, read_roof);
  if (const auto file = options.maybe("--json")) write_file(*file, result.dump(2) + "\n");
  return 0;
}

}  // namespace hilum
