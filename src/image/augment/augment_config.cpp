#include "image/augment/augment_config.h"

#include <cmath>

#include <fmt/core.h>

#include "base/error.h"

namespace hilum {
namespace {

void check_range(const DrawRange& range, double most, const char* name) {
  if (!(range.low > 0 && range.low <= range.high && range.high <= most) || !std::isfinite(range.high))
    throw Error(fmt::format("augment.{}", name), fmt::format("is {:g} to {:g}", range.low, range.high),
        std::isfinite(most) ? fmt::format("Give the smaller first, both above 0 and at most {:g}.", most)
                            : "Give the smaller first, both above 0.");
}

}  // namespace

AugmentConfig augment_from_name(const std::string& name) {
  AugmentConfig config;
  if (name == "none") return config;
  if (name == "blip2_image_train") {
    config.crop = RandomResizedCrop{.area = {0.5, 1}};
    return config;
  }
  if (name == "medimageinsight") {
    config.crop = RandomResizedCrop{.area = {0.8, 1}, .ratio = {0.75, 1.333}};
    config.trivial_augment = true;
    config.erasing = RandomErasing{.probability = 0.25, .area = {0.02, 0.33}};
    return config;
  }
  throw Error(
      "augment", fmt::format("there is no recipe \"{}\"", name), "Known: none, blip2_image_train, medimageinsight.");
}

void check_augment(const AugmentConfig& config, bool with_boxes) {
  if (config.crop) {
    check_range(config.crop->area, 1, "crop.area");
    check_range(config.crop->ratio, INFINITY, "crop.ratio");
  }
  if (config.erasing) {
    check_range(config.erasing->area, 1, "erasing.area");
    check_range(config.erasing->ratio, INFINITY, "erasing.ratio");
    if (!(config.erasing->probability >= 0 && config.erasing->probability <= 1))
      throw Error("augment.erasing.probability", fmt::format("is {:g}, wanted 0 to 1", config.erasing->probability));
    if (!std::isfinite(config.erasing->value)) throw Error("augment.erasing.value", "is not a finite number");
  }
  if (with_boxes && config.trivial_augment)
    throw Error("augment.trivial_augment", "moves pixels, and the boxes that are trained would not follow",
        "Leave it out where boxes are trained; they follow a random crop.");
}

}  // namespace hilum
