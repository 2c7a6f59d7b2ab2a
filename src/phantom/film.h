// From attenuation to a displayed film: scatter, quantum noise, detector blur, display curve.
#pragma once

#include "image/image.h"
#include "phantom/project.h"

namespace hilum::phantom {

struct Marker {        // the side's letter in lead
  char letter = 0;     // 'L', 'R' or 0 for none
  float x = 0, y = 0;  // upper left corner, 0..1 of the film
  float height_mm = 14;
  float brightness = 1;  // 0..1
};

struct Exposure {
  float photons_per_mm2 = 9000;         // at the detector without a patient, in units that set the noise
  float scatter = 0.07f;                // share of the neighbourhood's intensity added
  float blur = 0.12f;                   // weight of each direct neighbour at 0.8 mm pixels
  float gamma = 1.0f;                   // display: > 1 darker
  float low = 0.01f, high = 0.995f;     // percentiles of the body shown black and white
  float toe = 0.0f;                     // displayed floor inside the body, 0..1
  float equalise = 0;                   // share of slow changes (over about 25 mm) that processing takes away
  float collimation[4] = {0, 0, 0, 0};  // left, top, right, bottom edge of the beam inside the film, 0..1 of it
  Marker marker;
  uint32_t noise_seed = 0;
};

// 8-bit grey, bone white. field_mm as in the view.
Image expose(const Projection& projection, float field_mm, const Exposure& exposure);

// Standard deviation of the quantum noise at an attenuation, in attenuation units, for pixels of mm_per_px.
float quantum_noise(float attenuation, float mm_per_px, const Exposure& exposure);

}  // namespace hilum::phantom
