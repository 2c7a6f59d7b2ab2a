// What readers are asked to grade: studies drawn by seed, each with the model's report and the reference, blinded and
// in random order.
#pragma once

#include <string>
#include <vector>

#include "eval/compare/match_studies.h"
#include "eval/problems.h"

namespace hilum {

struct ReaderPair {
  std::string code;              // "pair-001": all that a reader sees of where it comes from
  std::string study_id, source;  // for the key
  std::string image;             // path of the frontal
  std::string report;
};

struct ReaderDraw {
  std::vector<ReaderPair> pairs;
  int64_t num_normal = 0, num_abnormal = 0;  // studies one could draw from
  std::string normal_by;                     // how a study was found normal
  std::vector<Problem> problems;
};

inline constexpr const char* kModelSource = "model";
inline constexpr const char* kReferenceSource = "reference";

// `each` normal and `each` abnormal studies out of those that have a frontal image, a reference text and, with `model`,
// a report; two pairs a study. A study is normal when its No Finding is 1: by its own labels where every study has
// them, else by CheXpert-style rules on its text. The same seed gives the same draw whatever the order of the rows.
// Without `model` its reports are empty, to be filled in. Throws Error when there are too few.
ReaderDraw draw_pairs(const std::vector<Study>& studies, const System* model, uint64_t seed, int each = 25);

// The files of a draw. What readers get: PAIRS.jsonl ({"pair","image","report"}) and RATINGS.csv
// (study,source,rater,grade: the pair's code stands for study, source stays empty, a row for each of `raters`). What
// they do not get: KEY.csv (pair,study,source).
std::string pairs_jsonl(const ReaderDraw& draw);
std::string empty_ratings_csv(const ReaderDraw& draw, int raters);
std::string key_csv(const ReaderDraw& draw);

}  // namespace hilum
