// An embedder that is arithmetic alone: what it gives can be worked out by hand, and it counts its calls.
#pragma once

#include <map>

#include "base/error.h"
#include "engine/embed/embedder.h"

namespace hilum {

class FakeEmbedder final : public Embedder {
 public:
  explicit FakeEmbedder(bool has_text = true) {
    info_ = {.name = "fake", .width = 4, .has_text = has_text, .scale = 10, .bias = 0.5};
    config_.steps = {PreprocessStep::kGrey, PreprocessStep::kResizeExact, PreprocessStep::kRescale};
    config_.width = config_.height = 8;
    config_.channels = 1;
  }
  const EmbedderInfo& info() const override { return info_; }
  EmbedderInfo& own_info() { return info_; }
  std::string weights_sha256() const override { return sha256; }
  const PreprocessConfig& preprocessing() const override { return config_; }
  // Mean grey of the picture's four quarters.
  Tensor embed_pixels(const Tensor& pixels) override {
    ++image_calls;
    Tensor out = Tensor::host({pixels.dim(0), 4});
    const int64_t h = pixels.dim(2), w = pixels.dim(3);
    for (int64_t n = 0; n < pixels.dim(0); ++n)
      for (int64_t quarter = 0; quarter < 4; ++quarter) {
        double sum = 0;
        for (int64_t y = 0; y < h / 2; ++y)
          for (int64_t x = 0; x < w / 2; ++x)
            sum += pixels.f32()[(n * h + y + (quarter / 2) * (h / 2)) * w + x + (quarter % 2) * (w / 2)];
        out.f32()[n * 4 + quarter] = static_cast<float>(4 * sum / static_cast<double>(h * w));
      }
    return out;
  }
  std::vector<float> embed_text(const std::string& text) override {
    check(info_.has_text, "fake", "has no text tower");
    ++text_calls[text];
    const auto known = texts.find(text);
    return known == texts.end() ? std::vector<float>{1, 0, 0, 0} : known->second;
  }

  std::map<std::string, std::vector<float>> texts;  // what a text becomes
  std::map<std::string, int> text_calls;
  int image_calls = 0;
  std::string sha256 = "fake-sha";

 private:
  EmbedderInfo info_;
  PreprocessConfig config_;
};

}  // namespace hilum
