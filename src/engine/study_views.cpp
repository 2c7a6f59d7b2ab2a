#include "engine/study_views.h"

#include "base/error.h"
#include "engine/feature_distance.h"
#include "image/study_checks.h"

namespace hilum {

std::vector<StudyView> read_views(
    const Model& model, const StudyRequest& request, bool allow_mismatch, std::vector<std::string>& warnings) {
  std::vector<StudyView> views;
  const auto read = [&](const char* name, const std::filesystem::path& path) {
    if (path.empty()) return;
    StudyView view{name, request.decode(path), {}};
    view.model_input = preprocess(view.decoded.pixels, model.preprocessing(), path.string());
    for (const std::string& warning : view.decoded.warnings)
      warnings.push_back(views.empty() ? warning : std::string(name) + ": " + warning);
    views.push_back(std::move(view));
  };
  read("frontal", request.frontal);
  read("lateral", request.lateral);
  read("prior_frontal", request.prior);

  const auto pictures_of = [&](const char* name) -> const DecodedImage* {
    for (const StudyView& view : views)
      if (view.name == name) return &view.decoded;
    return nullptr;
  };
  const StudyPictures pictures{.frontal = pictures_of("frontal"),
      .lateral = pictures_of("lateral"),
      .prior_frontal = pictures_of("prior_frontal")};
  for (std::string& warning : check_study(pictures, allow_mismatch)) warnings.push_back(std::move(warning));
  return views;
}

Tensor stack_pixels(const std::vector<StudyView>& views, const std::vector<std::string>& order, bool blank) {
  const Preprocessed& first = views.front().model_input;
  const Shape shape{static_cast<int64_t>(order.size()), first.channels, first.height, first.width};
  Tensor pixels = Tensor::host(shape);
  float* to = pixels.f32();
  for (const std::string& name : order)
    for (const StudyView& view : views) {
      if (view.name != name) continue;
      for (const float value : view.model_input.pixels) *to++ = blank ? 0.0f : value;
    }
  invariant(to == pixels.f32() + shape.count(), "a picture for every <image> of the prompt");
  return pixels;
}

bool far_from_phantoms(const Model& model, const Tensor& features) {
  if (!model.feature_stats()) return false;
  const FeatureStats& stats = *model.feature_stats();
  const Tensor first = model.ops().to_host(features).rows(0, 1);  // [1, P, D]
  return !(feature_distance(stats, mean_pooled(first.values(), stats.mean.size())) <= stats.threshold);
}

}  // namespace hilum
