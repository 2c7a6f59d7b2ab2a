#include "eval/boxes/box_scores.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "image/geometry.h"

namespace hilum {
namespace {

void fill(std::vector<uint8_t>& mask, int mask_px, std::span<const BoxNorm> boxes, uint8_t bit) {
  for (const BoxNorm& box : boxes) {
    check(is_valid_box(box), "box", fmt::format("[{}, {}, {}, {}]", box.x_min, box.y_min, box.x_max, box.y_max),
        "Boxes are x_min, y_min, x_max, y_max in 0..1, minimum first.");
    const int x_min = static_cast<int>(box.x_min * mask_px), x_max = static_cast<int>(box.x_max * mask_px);
    const int y_min = static_cast<int>(box.y_min * mask_px), y_max = static_cast<int>(box.y_max * mask_px);
    for (int y = y_min; y < y_max; ++y)
      for (int x = x_min; x < x_max; ++x) mask[static_cast<size_t>(y) * mask_px + x] |= bit;
  }
}

// Mean of what has a value.
class Mean {
 public:
  void add(std::optional<double> value) {
    if (value) {
      sum_ += *value;
      ++count_;
    }
  }
  std::optional<double> value() const {
    return count_ > 0 ? std::optional(sum_ / static_cast<double>(count_)) : std::nullopt;
  }

 private:
  double sum_ = 0;
  int64_t count_ = 0;
};

}  // namespace

std::optional<double> BoxOverlap::iou() const { return ratio(intersection, united()); }
std::optional<double> BoxOverlap::precision() const { return ratio(intersection, predicted); }
std::optional<double> BoxOverlap::recall() const { return ratio(intersection, truth); }

BoxOverlap& BoxOverlap::operator+=(const BoxOverlap& other) {
  predicted += other.predicted;
  truth += other.truth;
  intersection += other.intersection;
  return *this;
}

BoxOverlap box_overlap(std::span<const BoxNorm> predicted, std::span<const BoxNorm> truth, int mask_px) {
  check(mask_px > 0 && mask_px <= 4096, "box mask", fmt::format("{} px", mask_px), "1 to 4096 px.");
  if (predicted.empty() && truth.empty()) return {};
  std::vector<uint8_t> mask(static_cast<size_t>(mask_px) * mask_px);  // bit 0 predicted, bit 1 truth
  fill(mask, mask_px, predicted, 1);
  fill(mask, mask_px, truth, 2);
  int64_t pixels[4] = {};
  for (const uint8_t pixel : mask) ++pixels[pixel];
  return {pixels[1] + pixels[3], pixels[2] + pixels[3], pixels[3]};
}

double box_iou(const BoxNorm& a, const BoxNorm& b) {
  const auto area = [](const BoxNorm& box) {
    return std::max(0.0, box.x_max - box.x_min) * std::max(0.0, box.y_max - box.y_min);
  };
  const double shared = area(
      {std::max(a.x_min, b.x_min), std::max(a.y_min, b.y_min), std::min(a.x_max, b.x_max), std::min(a.y_max, b.y_max)});
  const double united = area(a) + area(b) - shared;
  return united > 0 ? shared / united : 0;
}

PhraseBoxScores score_phrase_boxes(std::span<const PhraseBoxes> phrases, int mask_px) {
  PhraseBoxScores scores;
  Mean precision, recall, iou;
  for (const PhraseBoxes& phrase : phrases) {
    if (phrase.truth.empty()) continue;
    ++scores.num_phrases;
    const bool answered = phrase.predicted && !phrase.predicted->empty();
    const BoxOverlap overlap =
        box_overlap(answered ? *phrase.predicted : std::vector<BoxNorm>{}, phrase.truth, mask_px);
    scores.num_with_pixels += overlap.predicted > 0;
    precision.add(overlap.precision());
    recall.add(overlap.recall());
    iou.add(overlap.iou());
  }
  scores.precision = precision.value();
  scores.recall = recall.value();
  scores.miou = iou.value();
  return scores;
}

}  // namespace hilum
