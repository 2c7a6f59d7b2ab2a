#include "report/crop_finding.h"

namespace hilum {

Finding to_original(const CropFinding& finding, const Geometry& geometry) {
  Finding original{.text = finding.text, .token_probability = finding.token_probability};
  if (!finding.boxes) return original;
  original.boxes.emplace();
  for (const CropBox& box : *finding.boxes) original.boxes->push_back(box_to_original(box, geometry));
  return original;
}

CropFinding to_crop(const Finding& finding, const Geometry& geometry) {
  CropFinding seen{.text = finding.text, .token_probability = finding.token_probability};
  if (!finding.boxes) return seen;
  std::vector<CropBox> inside;
  for (const BoxNorm& box : *finding.boxes)
    if (const auto part = box_to_model(box, geometry)) inside.push_back(*part);
  if (!inside.empty()) seen.boxes = std::move(inside);
  return seen;
}

}  // namespace hilum
