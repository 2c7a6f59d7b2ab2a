// What a phantom really holds, one study a line of truth.jsonl beside its studies.jsonl: the scene's findings, not
// their sentences.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "image/image.h"

namespace hilum {

struct TruthFinding {
  std::string kind;    // "effusion", "endotracheal tube", ... (docs/phantom.md)
  std::string label;   // its CheXpert observation
  std::string side;    // "", "right", "left", "bilateral": the patient's
  std::string change;  // "", "new", "larger", "smaller", "unchanged", "resolved": since the prior, "" without one
  std::vector<BoxNorm> boxes;  // 0..1 of the frontal film; none where resolved or seen on the lateral alone
  double contrast_to_noise = 0;
  bool subtle = false, lateral_only = false;
  bool present() const { return change != "resolved"; }
};

struct StudyTruth {
  std::string study_id;
  bool has_prior = false, has_lateral = false;
  std::vector<TruthFinding> findings;
};

std::string truth_to_json(const StudyTruth& truth);  // one line
// Throws Error naming file and line.
std::vector<StudyTruth> read_truth(const std::filesystem::path& path);

}  // namespace hilum
