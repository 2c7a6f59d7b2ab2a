#include "engine/study_views.h"

#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/feature_distance.h"
#include "image/study_checks.h"

namespace hilum {
namespace {

// Decoded and preprocessed, the frontal first.
std::vector<StudyView> read_views(
    const Model& model, const StudyRequest& request, bool allow_mismatch, std::vector<std::string>& warnings) {
  std::vector<StudyView> views;
  const auto read = [&](const char* name, const ImageSource& source) {
    if (source.empty()) return;
    StudyView view{name, source.decode(), {}};
    view.model_input = preprocess(view.decoded.pixels, model.preprocessing(), source.name());
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

// [N, C, H, W] in the prompt's order.
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

}  // namespace

StudyImages read_images(
    const Model& model, const StudyRequest& request, const std::string& task, const ImageOptions& options) {
  static_cast<void>(task_of(model.preset(), task));  // before any work
  if (!request.trouble.empty()) throw Error(request.study_id, request.trouble);
  StudyImages images;
  const Stopwatch decoding;
  images.views = read_views(model, request, options.allow_mismatch, images.warnings);
  images.decode_ms = decoding.ms();
  images.pixels = stack_pixels(images.views, prompt_views(model.preset(), task, prompt_inputs(request)), options.blank);
  return images;
}

bool far_from_phantoms(const Model& model, const Tensor& features) {
  if (!model.feature_stats()) return false;
  const FeatureStats& stats = *model.feature_stats();
  const Tensor first = model.ops().to_host(features).rows(0, 1);  // [1, P, D]
  return !(feature_distance(stats, mean_pooled(first.values(), stats.mean.size())) <= stats.threshold);
}

}  // namespace hilum
