// A picture as a training sample: the model's preprocessing with a recipe's augmentations among its steps.
#pragma once

#include <string>

#include "base/draw_key.h"
#include "image/augment/augment_config.h"
#include "image/preprocess.h"

namespace hilum {

// As preprocess(), with what `augment` draws for `key`: a pure function of its arguments. With a crop, the steps that
// resize and crop are replaced by it (an alpha channel is dropped before), and the geometry is the crop's.
// Throws Error as preprocess(), and where a crop is wanted by a preprocessing that fixes no size.
Preprocessed preprocess_augmented(const Image& image, const PreprocessConfig& config, const AugmentConfig& augment,
    const DrawKey& key, const std::string& where = "image");

// The same for a picture that was resized before (image/cache): `pixels`, 8 bit, show `shown` of the original. A crop
// is drawn from them, so it is coarser than one of the original where the two have about the model's size.
Preprocessed augment_resized(const Image& pixels, const Geometry& shown, const PreprocessConfig& config,
    const AugmentConfig& augment, const DrawKey& key);

}  // namespace hilum
