// Preprocessing of a radiograph as detectors deliver it (2544 x 3056 px) to a model's picture.
#include <benchmark/benchmark.h>

#include "image/preprocess.h"

namespace hilum {
namespace {

Image film(int channels) {
  Image image;
  image.width = 2544;
  image.height = 3056;
  image.channels = channels;
  image.data8.resize(size_t{2544} * 3056 * static_cast<size_t>(channels));
  for (size_t i = 0; i < image.data8.size(); ++i) image.data8[i] = static_cast<uint8_t>((i * 2654435761u) >> 24);
  return image;
}

void resize_film(benchmark::State& state) {
  const Image image = film(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(resize(image, 518, 622, Resample::kBicubic, {0, 52, 518, 518}));
}
BENCHMARK(resize_film)->ArgName("channels")->Arg(1)->Arg(3)->Unit(benchmark::kMillisecond);

void preprocess_film(benchmark::State& state) {
  const Image image = film(1);
  for (auto _ : state) benchmark::DoNotOptimize(preprocess(image, {}));
}
BENCHMARK(preprocess_film)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hilum
