// How well boxes point: pixel masks and analytic overlap (evaluation sheet 5; masks as microsoft/RadFact counts them).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "image/image.h"

namespace hilum {

inline constexpr int kBoxMaskPx = 224;
inline constexpr const char* kBoxMaskName = "pixel masks 224 px";

// part / whole; no value where the whole is 0.
inline std::optional<double> ratio(int64_t part, int64_t whole) {
  return whole > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(whole)) : std::nullopt;
}

// Pixels of two unions of boxes on one square mask. Ratios have no value where their denominator is 0.
struct BoxOverlap {
  int64_t predicted = 0, truth = 0, intersection = 0;
  int64_t united() const { return predicted + truth - intersection; }
  std::optional<double> iou() const, precision() const, recall() const;
  BoxOverlap& operator+=(const BoxOverlap& other);
};

// Boxes are multiplied by the mask size in double precision and cut towards zero; pixels [x_min, x_max) x [y_min,
// y_max) are filled. Both sides must be in one frame (0..1 of the same picture). Throws Error for a box that is not
// valid.
BoxOverlap box_overlap(std::span<const BoxNorm> predicted, std::span<const BoxNorm> truth, int mask_px = kBoxMaskPx);

// Analytic intersection over union of two boxes in any one unit; 0 where both are empty.
double box_iou(const BoxNorm& a, const BoxNorm& b);

// A sentence with its reference boxes and what the model gave for it (no value: no box).
struct PhraseBoxes {
  std::vector<BoxNorm> truth;
  std::optional<std::vector<BoxNorm>> predicted;
};

// Means over the phrases that have reference boxes.
struct PhraseBoxScores {
  int64_t num_phrases = 0, num_with_pixels = 0;
  std::optional<double>
      precision;  // over the num_with_pixels phrases whose predicted boxes cover a pixel; the others have none
  std::optional<double> recall;  // a phrase without a predicted box counts 0
  std::optional<double> miou;    // likewise
};

// Box completion (the reference sentence is forced, the model writes only its boxes) and phrase grounding. Several
// boxes of a phrase are their union. The published definition of the means is not known; this one is stated with every
// number: kPhraseBoxName.
PhraseBoxScores score_phrase_boxes(std::span<const PhraseBoxes> phrases, int mask_px = kBoxMaskPx);
inline constexpr const char* kPhraseBoxName =
    "pixel masks 224 px, mean over phrases, no box: recall and IoU 0, precision left out";

}  // namespace hilum
