// How often findings come, how large and how strong they are: the whole difficulty of the task in one place
// (docs/phantom.md).
#pragma once

namespace hilum::phantom {

struct Knobs {
  double normal_rate = 0.28;                // studies without a finding (devices aside)
  double subtle_rate = 0.5;                 // of findings other than devices
  double lateral_only_rate = 0.07;          // of studies with a lateral: one finding that hides on the frontal film
  double one_rate = 0.42, two_rate = 0.38;  // of studies with findings: those with one, with two (at most three)
  double device_rate = 0.38;                // of studies: at least one device; a third of that in normal ones
  // Severity, 0..1: subtle findings draw from the first range, others from the second.
  double subtle_low = 0.10, subtle_high = 0.34, clear_low = 0.42, clear_high = 1.0;
  // Effusion: height of the fluid at the side wall above the costophrenic angle, mm, at severity 0 and 1.
  double effusion_low_mm = 22, effusion_high_mm = 165;
  // Pneumothorax: how far the apex comes down, and the side wall in, mm.
  double apex_low_mm = 16, apex_high_mm = 74, rim_low_mm = 7, rim_high_mm = 46;
  // Consolidation: share of the air lost, and size against the lobe.
  double consolidation_low = 0.58, consolidation_high = 0.95, lobe_low = 0.62, lobe_high = 1.05;
  // Atelectasis: thickness of a plate, mm.
  double plate_low_mm = 3.6, plate_high_mm = 10;
  // Cardiothoracic ratio of an enlarged heart.
  double heart_low = 0.525, heart_high = 0.68;
  // Diameters, mm, and density against soft tissue.
  double nodule_low_mm = 14, nodule_high_mm = 29, mass_low_mm = 33, mass_high_mm = 72, lesion_density_low = 0.95,
         lesion_density_high = 1.0;
  double calcium_small = 0.008, calcium_large = 0.002;  // 1/mm added to soft tissue: small nodules are often calcified
  // Oedema: share of the air lost around the hila.
  double edema_low = 0.28, edema_high = 0.62;
  // Fracture: step between the ends, and size of the callus or overlap, mm.
  double step_low_mm = 3.5, step_high_mm = 10, callus_low_mm = 7, callus_high_mm = 11;
  // A mark's box holds the pixels whose share of the attenuation exceeds this part of the mark's own peak, or of
  // `box_cap` where the peak is higher (metal: thin leads belong to the box of a thick device).
  float box_fraction = 0.22f, air_box_fraction = 0.45f, box_cap = 1.6f, device_box_cap = 0.25f;
};
inline constexpr Knobs kKnobs{};
// For training alone: more to learn from on every film. Measured figures never use it.
inline constexpr Knobs kCrowdedKnobs = [] {
  Knobs k;
  k.normal_rate = 0.1;
  k.one_rate = 0.1;
  k.two_rate = 0.3;
  k.device_rate = 0.56;
  return k;
}();

}  // namespace hilum::phantom
