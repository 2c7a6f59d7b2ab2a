// Findings as a model writes them: their boxes are of its crop of the image, not of the original.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/geometry.h"
#include "report/report.h"

namespace hilum {

struct CropFinding {
  std::string text;
  std::optional<std::vector<CropBox>> boxes;  // no value: the sentence has none (null, not [])
  double token_probability = 0;               // as Finding's
};

// With the boxes brought to the original image.
Finding to_original(const CropFinding& finding, const Geometry& geometry);
// The inverse, for training targets. Boxes outside what the model sees go; where none is left the finding has none.
CropFinding to_crop(const Finding& finding, const Geometry& geometry);

}  // namespace hilum
