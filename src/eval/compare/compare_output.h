// Presents a comparison: everything it shows, as a table, as JSON and as a plot, is decided here.
#pragma once

#include <string>

#include "base/json.h"
#include "eval/compare/comparison.h"
#include "plot/bar_plot.h"

namespace hilum {

// For the terminal: numbers with intervals under the name of their variant, differences, labels, problems (the first
// 20).
std::string comparison_table(const Comparison& comparison);

// Everything, schema "hilum.eval.reports/1". Undefined numbers are null. `with_studies` adds the per-study rows.
Json comparison_json(const Comparison& comparison, bool with_studies = true);

// The numbers that the first system defines, under headings of their variants, all drawn as 0..1: a bar a system, or
// with options.by a bar for each group of the first system's studies.
BarPlot comparison_bars(const Comparison& comparison);

}  // namespace hilum
