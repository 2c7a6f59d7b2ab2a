// TrivialAugmentWide (Mueller and Hutter, ICCV 2021): one operation, drawn evenly, at a strength drawn evenly of 31.
// Operations, strengths and results are torchvision's on Pillow pictures, bit for bit, with nearest neighbour and black
// borders. No operation mirrors, so left stays left.
#pragma once

#include <string>
#include <vector>

#include "base/rng.h"
#include "image/image.h"

namespace hilum {

// In torchvision's order.
enum class AugmentOperation {
  kIdentity,
  kShearX,
  kShearY,
  kTranslateX,
  kTranslateY,
  kRotate,
  kBrightness,
  kColor,
  kContrast,
  kSharpness,
  kPosterize,
  kSolarize,
  kAutoContrast,
  kEqualize,
};
inline constexpr int kAugmentOperations = 14;

const char* augment_operation_name(AugmentOperation operation);  // "ShearX", ... as torchvision writes it
// Whether pixels leave their places: shears, translations and the rotation. Boxes do not follow them.
bool moves_pixels(AugmentOperation operation);

struct TrivialAugment {
  AugmentOperation operation = AugmentOperation::kIdentity;
  double magnitude = 0;  // tangent of a shear, px, degrees, change of a factor, bits, or threshold
};

// The strengths of an operation, weakest first, the float32 numbers of torchvision; {0} for one without strengths.
std::vector<double> augment_magnitudes(AugmentOperation operation);
// Whether a strength is taken with either sign, drawn evenly.
bool is_signed(AugmentOperation operation);

TrivialAugment draw_trivial_augment(Rng& rng);
// `image`: 8 bit, 1 or 3 channels. The result has its size.
Image apply_trivial_augment(const Image& image, const TrivialAugment& augment);

}  // namespace hilum
