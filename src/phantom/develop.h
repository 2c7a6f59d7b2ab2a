// From attenuations to the picture that is shown: latitude, tone, collimation, the side marker.
#pragma once

#include <vector>

#include "image/image.h"
#include "phantom/film.h"

namespace hilum::phantom {

// `plane`: [size x size] noisy attenuations; `mm` a pixel. 8 bits.
Image develop(std::vector<float> plane, int size, float mm, const Exposure& exposure);

}  // namespace hilum::phantom
