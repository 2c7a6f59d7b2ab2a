// Pictures through an embedding system's image tower.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/progress.h"
#include "cli/bench.h"
#include "engine/embed/embedder.h"
#include "engine/random_weights.h"
#include "kernels/select.h"
#include "models/dual_encoder_config.h"

namespace hilum {
namespace {

// Parameters of the image tower alone, where nothing else is run.
ParamList image_params(DualEncoder& model) {
  ParamList all, image;
  model.params(all);
  for (Param* param : all)
    if (param->name().starts_with("image")) image.push_back(param);
  return image;
}

}  // namespace

BenchResult bench_embedding(const BenchTask& task) {
  BenchResult result;
  std::unique_ptr<DualEncoder> shape;
  std::unique_ptr<Embedder> embedder;
  std::unique_ptr<Ops> ops;
  std::function<Tensor(const Tensor&)> run;
  Shape picture;  // [N, C, H, W]
  result.load_s = seconds_of([&] {
    if (task.shape) {
      result.name = task.shape->name;
      shape = make_dual_encoder(task.shape->preset, Json(), result.name);
      fill_random(image_params(*shape), 1, task.type);
      ops = make_backend(task.backend);
      result.kernels = ops->name();
      picture = {task.images, shape->image().channels(), shape->image().image_px(), shape->image().image_px()};
      run = [&](const Tensor& pixels) { return ops->to_host(shape->embed_image(*ops, pixels)); };
      return;
    }
    embedder = load_embedder(task.model, task.backend);
    result.name = embedder->info().name;
    result.kernels =
        task.backend.device == "cpu" ? "cpu (" + std::string(select_kernel_table().name) + ")" : task.backend.device;
    const PreprocessConfig& takes = embedder->preprocessing();
    const bool crop = std::ranges::count(takes.steps, PreprocessStep::kCenterCrop) > 0;
    picture = {
        task.images, takes.channels, crop ? takes.crop_height : takes.height, crop ? takes.crop_width : takes.width};
    run = [&](const Tensor& pixels) { return embedder->embed_pixels(pixels); };
  });

  check(task.images > 0, "--images", "is 0: nothing is left to measure");
  const Tensor pixels = bench_pixels(picture);
  result.images = task.images;
  result.image_first_s = seconds_of([&] { run(pixels); });  // packs the weights, faults the memory in
  std::vector<double> seconds;
  Progress progress("bench", task.repeat, "runs");
  for (int i = 0; i < task.repeat; ++i) {
    seconds.push_back(seconds_of([&] { run(pixels); }) / static_cast<double>(task.images));
    progress.update(i + 1);
  }
  result.image_s = median(seconds);
  result.memory = process_memory();
  return result;
}

}  // namespace hilum
