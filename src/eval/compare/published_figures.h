// Figures that papers and model cards give, to stand beside a run's own as "published, not reproduced".
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "eval/compare/comparison.h"

namespace hilum {

struct PublishedFigure {
  std::string system, data, metric;  // as published
  double value = 0;                  // in 0..1
  // The run's nearest metric: its group begins with the first of `variants` that the run has, its name with `name`.
  std::vector<std::string> variants;
  std::string name;
  std::string needs;  // what a run must be given to compute it
};

// "cxrreportgen", "maira-2", "xraygpt", "cxr-llava".
const std::vector<std::string>& published_systems();
// Throws Error for an unknown system.
std::vector<PublishedFigure> published_figures(const std::string& system);

// Each figure beside the first system's nearest number, whose variant is named: data, labeler and tokenizer differ from
// the publication's.
std::string published_table(const Comparison& comparison, const std::string& system);
Json published_json(const Comparison& comparison, const std::string& system);

}  // namespace hilum
