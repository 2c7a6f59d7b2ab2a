// Bootstrap intervals of a comparison's metrics: over all studies, and over groups of them.
#pragma once

#include <string>
#include <vector>

#include "eval/compare/compare_metrics.h"

namespace hilum {

// Every metric of every system, and the differences from the same draws. Throws Error where patients are to be drawn
// and a study names none.
std::vector<MetricRow> resample(
    const std::vector<Metric>& metrics, const std::vector<AnnotatedStudy>& studies, const CompareOptions& options);

// The same over each group of options.by, in the order of the groups' names; empty for SplitBy::kNothing.
std::vector<CompareGroup> resample_groups(
    const std::vector<Metric>& metrics, const std::vector<AnnotatedStudy>& studies, const CompareOptions& options);

// A study's group. Ages: 0-17, 18-39, 40-59, 60-79 and 80+ years.
std::string group_of(const Study& study, SplitBy by);

}  // namespace hilum
