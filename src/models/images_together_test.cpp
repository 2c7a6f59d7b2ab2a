// Several pictures in one pass give each the bits it gets alone: every kind of image encoder, on every kernel table.
#include <gtest/gtest.h>

#include "base/rng.h"
#include "models/dual_encoder_config.h"
#include "models/golden_test.h"

namespace hilum {
namespace {

Tensor noise(int64_t images, int channels, int px) {
  Tensor pixels = Tensor::host({images, channels, px, px});
  Rng rng(7);
  for (float& value : pixels.values()) value = static_cast<float>(rng.normal());
  return pixels;
}

// encode(ops, pixels [N, C, h, w]) -> [N, ...]
template <typename Encode>
void expect_each_as_alone(const std::string& name, int channels, int px, const Encode& encode) {
  constexpr int64_t kImages = 6;
  const Tensor pixels = noise(kImages, channels, px);
  for (const Backend& backend : cpu_backends()) {
    std::vector<Tensor> alone;
    for (int64_t i = 0; i < kImages; ++i)
      alone.push_back(backend.ops->to_host(encode(*backend.ops, pixels.rows(i, 1))));
    for (int64_t first = 0; first < kImages; ++first)
      for (int64_t count = 2; first + count <= kImages; ++count) {
        const Tensor together = backend.ops->to_host(encode(*backend.ops, pixels.rows(first, count)));
        for (int64_t i = 0; i < count; ++i) {
          const auto want = alone[static_cast<size_t>(first + i)].values(), got = together.rows(i, 1).values();
          ASSERT_TRUE(std::equal(want.begin(), want.end(), got.begin(), got.end()))
              << name << ", " << backend.name << ": picture " << i << " of " << first << " + " << count;
        }
      }
  }
}

TEST(ImagesTogether, GiveEachItsOwnBitsInEveryVisionLanguageModel) {
  for (const char* name :
      {"maira2", "maira2-f16", "maira2-tf5-bf16", "cxr-llava", "cxrreportgen", "xraygpt", "xraygpt-paper"}) {
    const LoadedVlm loaded = load_vlm(fixture(name));
    const VisionEncoder& encoder = loaded.model->encoder();
    expect_each_as_alone(name, encoder.channels(), encoder.image_px(),
        [&](Ops& ops, const Tensor& pixels) { return loaded.model->encode_images(ops, pixels); });
  }
}

TEST(ImagesTogether, GiveEachItsOwnBitsInEveryTower) {
  for (const char* name : {"biomedclip", "medclip", "medimageinsight", "rad-dino", "cxr-llava-encoder"}) {
    const LoadedDualEncoder loaded = load_dual_encoder(fixture(name));
    const ImageTower& tower = loaded.model->image();
    expect_each_as_alone(name, tower.channels(), tower.image_px(),
        [&](Ops& ops, const Tensor& pixels) { return loaded.model->embed_image(ops, pixels); });
  }
}

}  // namespace
}  // namespace hilum
