#include "eval/compare/resample.h"

#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"

namespace hilum {
namespace {

BootstrapOptions bootstrap_options(
    const std::vector<AnnotatedStudy>& studies, const std::vector<uint32_t>& members, const CompareOptions& options) {
  BootstrapOptions bootstrap{.rounds = options.rounds, .seed = options.seed};
  if (!options.by_patient) return bootstrap;
  std::unordered_map<std::string, uint32_t> patients;
  for (const uint32_t i : members) {
    const Study& reference = *studies[i].reference;
    check(!reference.patient_id.empty(), "evaluation",
        fmt::format("study \"{}\" has no patient_id", reference.study_id),
        "Draw studies instead of patients, or add it.");
    bootstrap.cluster_of.push_back(
        patients.emplace(reference.patient_id, static_cast<uint32_t>(patients.size())).first->second);
  }
  return bootstrap;
}

// Over the studies at `members`.
std::vector<MetricRow> resample_members(const std::vector<Metric>& metrics, const std::vector<AnnotatedStudy>& studies,
    const std::vector<uint32_t>& members, const CompareOptions& options) {
  const size_t num_systems = studies[0].reports.size(), width = 2 * num_systems - 1;
  bool first_call = true;  // bootstrap() asks for all studies first
  std::vector<uint32_t> drawn;
  const Metrics compute = [&](std::span<const uint32_t> which, std::span<double> values) {
    drawn.clear();
    for (const uint32_t i : which) drawn.push_back(members[i]);
    for (size_t m = 0; m < metrics.size(); ++m) {
      double* row = &values[m * width];  // the systems, then the differences
      const bool wanted = first_call || metrics[m].resampled;
      for (size_t s = 0; s < num_systems; ++s)
        row[s] = wanted ? metrics[m].value(s, drawn) : std::numeric_limits<double>::quiet_NaN();
      for (size_t s = 1; s < num_systems; ++s) row[num_systems + s - 1] = row[0] - row[s];
    }
    first_call = false;
  };
  const std::vector<Interval> intervals = bootstrap(static_cast<uint32_t>(members.size()),
      static_cast<int>(metrics.size() * width), compute, bootstrap_options(studies, members, options));
  std::vector<MetricRow> rows;
  for (size_t m = 0; m < metrics.size(); ++m) {
    const auto first = intervals.begin() + static_cast<std::ptrdiff_t>(m * width);
    const auto middle = first + static_cast<std::ptrdiff_t>(num_systems);
    rows.push_back({.group = metrics[m].group,
        .name = metrics[m].name,
        .systems = {first, middle},
        .differences = {middle, first + static_cast<std::ptrdiff_t>(width)},
        .highest = metrics[m].highest});
  }
  return rows;
}

const char* age_group(int years) {
  return years < 18   ? "0-17 years"
         : years < 40 ? "18-39 years"
         : years < 60 ? "40-59 years"
         : years < 80 ? "60-79 years"
                      : "80+ years";
}

std::string views_of(const Study& study) {
  std::string views;
  for (const char* view : {"frontal", "lateral", "prior_frontal", "prior_lateral"})
    if (study.image(view)) views += fmt::format("{}{}", views.empty() ? "" : " + ", view);
  return views;
}

}  // namespace

std::string group_of(const Study& study, SplitBy by) {
  std::string group;
  switch (by) {
    case SplitBy::kNothing: return "";
    case SplitBy::kSex: group = study.sex; break;
    case SplitBy::kAge: group = study.age_months ? age_group(*study.age_months / 12) : ""; break;
    case SplitBy::kView: group = views_of(study); break;
  }
  return group.empty() ? "not given" : group;
}

std::vector<MetricRow> resample(
    const std::vector<Metric>& metrics, const std::vector<AnnotatedStudy>& studies, const CompareOptions& options) {
  std::vector<uint32_t> all(studies.size());
  std::iota(all.begin(), all.end(), 0u);
  return resample_members(metrics, studies, all, options);
}

std::vector<CompareGroup> resample_groups(
    const std::vector<Metric>& metrics, const std::vector<AnnotatedStudy>& studies, const CompareOptions& options) {
  if (options.by == SplitBy::kNothing) return {};
  std::map<std::string, std::vector<uint32_t>> members;
  for (uint32_t i = 0; i < studies.size(); ++i) members[group_of(*studies[i].reference, options.by)].push_back(i);
  std::vector<CompareGroup> groups;
  for (const auto& [name, in_group] : members)
    groups.push_back({.name = name,
        .num_studies = static_cast<int64_t>(in_group.size()),
        .metrics = resample_members(metrics, studies, in_group, options)});
  return groups;
}

}  // namespace hilum
