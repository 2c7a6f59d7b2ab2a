// `hilum eval drift`: how far two forms of one model are from each other over studies: logits, labels, boxes, words.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "eval/problems.h"
#include "eval/stats/bootstrap.h"
#include "report/report.h"

namespace hilum {

struct DriftStudy {
  std::string study_id;
  double kl = 0, largest_kl = 0, same_first = 0;  // of the tokens of A's answer (engine/answer/drift.h)
  Report a, b;                                    // what each writes by itself
};

struct DriftRow {
  std::string name;
  Interval value;
};

struct DriftResult {
  int64_t num_studies = 0, num_asked = 0;
  double largest_kl = 0;
  std::string largest_kl_study;
  std::vector<DriftRow> rows;
  std::vector<Problem> problems;
};

// Means over studies: KL and agreement of the most likely token; share of equal reports; label agreement (share of the
// 14 cells that are equal, blank being a value, by CheXpert-style rules); box agreement (IoU of the unions of both
// reports' boxes, of studies where one has boxes; masks of 224 px). Throws Error for no study.
DriftResult score_drift(const std::vector<DriftStudy>& studies, int64_t num_asked, std::vector<Problem> problems,
    const BootstrapOptions& options = {});

std::string drift_table(const DriftResult& result);
Json drift_json(const DriftResult& result);  // schema "hilum.eval.drift/1"

}  // namespace hilum
