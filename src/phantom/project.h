// Beer-Lambert line integrals of a scene along parallel level rays.
#pragma once

#include <vector>

#include "image/image.h"
#include "phantom/scene.h"

namespace hilum::phantom {

struct View {
  int size = 512;                  // px, square
  float field_mm = 370;            // what the film spans, before magnification
  float turn = 0;                  // radians about the body's axis: 0 frontal, -pi/2 lateral (facing the image's left)
  float lean = 0;                  // mm sideways per mm down: a patient who leans
  float shift_u = 0, shift_v = 0;  // mm, the film's centre in the scene
  uint32_t texture_seed = 0;
};

// Attenuation (natural log of the intensity ratio), row by row, and each mark's own share of it.
struct Projection {
  int size = 0;
  std::vector<float> attenuation;
  std::vector<std::vector<float>> marks;  // empty where a mark did not show
};

Projection project(const Scene& scene, const View& view);

// The tight box, in 0..1, of the pixels where |share| exceeds the threshold; all zero where there are none.
BoxNorm mark_box(const std::vector<float>& mark, int size, float threshold);

}  // namespace hilum::phantom
