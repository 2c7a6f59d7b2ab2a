#include "image/augment/trivial_augment.h"

#include <array>
#include <cmath>
#include <cstddef>

#include "base/error.h"
#include "image/augment/affine.h"
#include "image/augment/enhance.h"
#include "image/augment/tone.h"

namespace hilum {
namespace {

constexpr int kBins = 31;

enum class Strengths { kNone, kEven, kBits };

struct OperationRow {
  const char* name;
  Strengths strengths;
  float first, last;  // of the even ones
  bool both_signs, moves;
};
constexpr std::array<OperationRow, kAugmentOperations> kRows = {{
    {"Identity", Strengths::kNone, 0, 0, false, false},
    {"ShearX", Strengths::kEven, 0, 0.99f, true, true},
    {"ShearY", Strengths::kEven, 0, 0.99f, true, true},
    {"TranslateX", Strengths::kEven, 0, 32, true, true},
    {"TranslateY", Strengths::kEven, 0, 32, true, true},
    {"Rotate", Strengths::kEven, 0, 135, true, true},
    {"Brightness", Strengths::kEven, 0, 0.99f, true, false},
    {"Color", Strengths::kEven, 0, 0.99f, true, false},
    {"Contrast", Strengths::kEven, 0, 0.99f, true, false},
    {"Sharpness", Strengths::kEven, 0, 0.99f, true, false},
    {"Posterize", Strengths::kBits, 8, 2, false, false},
    {"Solarize", Strengths::kEven, 255, 0, false, false},
    {"AutoContrast", Strengths::kNone, 0, 0, false, false},
    {"Equalize", Strengths::kNone, 0, 0, false, false},
}};

const OperationRow& row_of(AugmentOperation operation) {
  const auto at = static_cast<size_t>(operation);
  invariant(at < kRows.size(), "an operation of the list");
  return kRows[at];
}

}  // namespace

const char* augment_operation_name(AugmentOperation operation) { return row_of(operation).name; }
bool moves_pixels(AugmentOperation operation) { return row_of(operation).moves; }
bool is_signed(AugmentOperation operation) { return row_of(operation).both_signs; }

std::vector<double> augment_magnitudes(AugmentOperation operation) {
  const OperationRow& row = row_of(operation);
  if (row.strengths == Strengths::kNone) return {0};
  std::vector<double> magnitudes;
  // torch.linspace: from both ends to the middle, in float32, each rounded once as its vector kernel does.
  const float step = (row.last - row.first) / static_cast<float>(kBins - 1);
  for (int i = 0; i < kBins; ++i) {
    if (row.strengths == Strengths::kBits) magnitudes.push_back(8.0 - std::nearbyint(i / 5.0));
    else if (i < kBins / 2) magnitudes.push_back(std::fma(step, static_cast<float>(i), row.first));
    else magnitudes.push_back(std::fma(-step, static_cast<float>(kBins - 1 - i), row.last));
  }
  return magnitudes;
}

TrivialAugment draw_trivial_augment(Rng& rng) {
  TrivialAugment drawn;
  drawn.operation = static_cast<AugmentOperation>(rng.below(kAugmentOperations));
  const std::vector<double> magnitudes = augment_magnitudes(drawn.operation);
  drawn.magnitude = magnitudes[rng.below(static_cast<uint32_t>(magnitudes.size()))];
  if (is_signed(drawn.operation) && rng.chance(0.5)) drawn.magnitude = -drawn.magnitude;
  return drawn;
}

Image apply_trivial_augment(const Image& image, const TrivialAugment& augment) {
  const double m = augment.magnitude;
  switch (augment.operation) {
    case AugmentOperation::kIdentity: return image;
    case AugmentOperation::kShearX: return affine_nearest(image, shear_x(m));
    case AugmentOperation::kShearY: return affine_nearest(image, shear_y(m));
    case AugmentOperation::kTranslateX: return affine_nearest(image, translate(static_cast<int>(m), 0));
    case AugmentOperation::kTranslateY: return affine_nearest(image, translate(0, static_cast<int>(m)));
    case AugmentOperation::kRotate: return affine_nearest(image, rotate(m, image.width, image.height));
    case AugmentOperation::kBrightness: return adjust_brightness(image, 1.0 + m);
    case AugmentOperation::kColor: return adjust_color(image, 1.0 + m);
    case AugmentOperation::kContrast: return adjust_contrast(image, 1.0 + m);
    case AugmentOperation::kSharpness: return adjust_sharpness(image, 1.0 + m);
    case AugmentOperation::kPosterize: return posterize(image, static_cast<int>(m));
    case AugmentOperation::kSolarize: return solarize(image, m);
    case AugmentOperation::kAutoContrast: return autocontrast(image);
    case AugmentOperation::kEqualize: return equalize(image);
  }
  invariant(false, "an operation of the list");
  return image;
}

}  // namespace hilum
