// Synthetic chest radiographs: a small 3-D scene per patient, projected to films, with the truth about every finding.
// docs/phantom.md gives sizes, rates and how boxes are drawn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/study.h"
#include "image/image.h"

namespace hilum {

struct PhantomConfig {
  uint64_t seed = 1;
  int size_px = 512;          // square films, 64..4096
  double prior_rate = 0.35;   // share of studies with an earlier film and its report
  double lateral_rate = 0.4;  // share with a lateral film
  bool crowded = false;       // more findings than usual, for training (knobs.h)
};

enum class FindingKind {
  kEffusion,
  kConsolidation,
  kAtelectasis,
  kPneumothorax,
  kCardiomegaly,
  kNodule,
  kMass,
  kEdema,
  kFracture,
  kPacemaker,
  kEndotrachealTube,
  kCentralLine,
  kChestTube,
  kNasogastric,
};
inline constexpr int kFindingKinds = 14;
const char* finding_name(FindingKind kind);   // "effusion", "endotracheal tube", ...
const char* finding_label(FindingKind kind);  // its CheXpert observation

enum class Side { kNone, kRight, kLeft, kBilateral };  // the patient's
enum class Change { kNone /* no prior */, kNew, kLarger, kSmaller, kUnchanged, kResolved };

struct PhantomFinding {
  FindingKind kind = FindingKind::kEffusion;
  Side side = Side::kNone;
  std::vector<BoxNorm> boxes;    // 0..1 of the frontal film, one per component; empty when lateral_only or resolved
  double contrast_to_noise = 0;  // mean contrast in the boxes over the noise and clutter there (docs/phantom.md)
  bool subtle = false;
  bool lateral_only = false;  // to be seen on the lateral film alone
  Change change = Change::kNone;
};

struct PhantomOutline {  // what is known of a finding before a film is rendered
  FindingKind kind = FindingKind::kEffusion;
  bool lateral_only = false;
  Change change = Change::kNone;
};

struct PhantomStudy {
  Study study;                   // image paths "images/<study_id>_f.png", _l, _pf; study_id "p000017" for index 17
  Image frontal;                 // 8-bit grey; the patient's left is on the image's right
  std::optional<Image> lateral;  // the patient faces the image's left
  std::optional<Image> prior_frontal;
  std::vector<PhantomFinding> truth;
};

// The study of an index: the same bytes for the same seed, index and size, whatever the thread or machine.
// Throws Error for a size out of range or rates outside 0..1.
PhantomStudy make_phantom(const PhantomConfig& config, uint64_t index);

// The findings of that study's truth, in its order, without rendering a film; the films' size does not matter. Throws
// as make_phantom does.
std::vector<PhantomOutline> outline_phantom(const PhantomConfig& config, uint64_t index);

}  // namespace hilum
