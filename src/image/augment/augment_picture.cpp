#include "image/augment/augment_picture.h"

#include <utility>

#include <fmt/core.h>

#include "base/error.h"
#include "image/augment/trivial_augment.h"

namespace hilum {
namespace {

Image crop_to_model(const Image& pixels, const PreprocessConfig& config, const RandomResizedCrop& crop,
    const DrawKey& key, Preprocessed& out) {
  const auto size = fixed_model_size(config);
  if (!size)
    throw Error("augment.crop", "the preprocessing gives pictures of any size, and a random crop needs one",
        "Add center_crop or resize_exact to the preprocessing's steps, or leave the crop out.");
  Rng rng = rng_for(key, DrawPurpose::kCrop);
  const PixelRect rect = draw_crop(pixels.width, pixels.height, crop.area, crop.ratio, rng);
  const auto [width, height] = *size;
  out.geometry =
      compose(out.geometry, {pixels.width, pixels.height, static_cast<double>(rect.left), static_cast<double>(rect.top),
                                static_cast<double>(rect.width), static_cast<double>(rect.height)});
  out.used = used_rectangle(out.geometry);
  out.steps.push_back(fmt::format("random crop {}x{} at {},{}, resize {}x{} {}", rect.width, rect.height, rect.left,
      rect.top, width, height, resample_name(crop.resample)));
  return resized_crop(pixels, rect, width, height, crop.resample);
}

// What comes after the picture has the model's size.
void finish(
    Image pixels, const PreprocessConfig& config, const AugmentConfig& augment, const DrawKey& key, Preprocessed& out) {
  if (augment.trivial_augment) {
    Rng rng = rng_for(key, DrawPurpose::kTrivialAugment);
    const TrivialAugment drawn = draw_trivial_augment(rng);
    pixels = apply_trivial_augment(pixels, drawn);
    out.steps.push_back(fmt::format("{} {:.4g}", augment_operation_name(drawn.operation), drawn.magnitude));
  }
  normalize_pixels(pixels, config, out);
  if (augment.erasing) {
    Rng rng = rng_for(key, DrawPurpose::kErasing);
    const auto erased = draw_random_erasing(*augment.erasing, out.channels, out.width, out.height, rng);
    if (erased) {
      erase(out.pixels, out.channels, out.width, out.height, *erased);
      out.steps.push_back(fmt::format(
          "erase {}x{} at {},{}", erased->rect.width, erased->rect.height, erased->rect.left, erased->rect.top));
    }
  }
}

}  // namespace

Preprocessed preprocess_augmented(const Image& image, const PreprocessConfig& config, const AugmentConfig& augment,
    const DrawKey& key, const std::string& where) {
  Preprocessed out;
  Image pixels;
  if (augment.crop) {
    pixels = preprocess_levels(image, config, out, where);
    pixels.alpha8.clear();
    pixels = crop_to_model(pixels, config, *augment.crop, key, out);
  } else {
    pixels = preprocess_pixels(image, config, out, where);
  }
  finish(std::move(pixels), config, augment, key, out);
  return out;
}

Preprocessed augment_resized(const Image& pixels, const Geometry& shown, const PreprocessConfig& config,
    const AugmentConfig& augment, const DrawKey& key) {
  Preprocessed out;
  out.geometry = shown;
  out.used = used_rectangle(shown);
  finish(augment.crop ? crop_to_model(pixels, config, *augment.crop, key, out) : pixels, config, augment, key, out);
  return out;
}

}  // namespace hilum
