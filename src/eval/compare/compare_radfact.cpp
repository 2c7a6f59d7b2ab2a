// RadFact's scores of a comparison: by recorded verdicts where there are any, else by equal sentences.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "eval/compare/compare_metrics.h"

namespace hilum {
namespace {

bool has_boxes(const AnnotatedStudy& study) {
  const std::vector<Finding>& findings = study.reference->findings;
  return std::any_of(
      findings.begin(), findings.end(), [](const Finding& finding) { return finding.boxes.has_value(); });
}

PerReport<RadFactStudy> judge_exactly(const AnnotatedStudies& annotated) {
  return each_report(annotated, [](const AnnotatedStudy& study, const AnnotatedReport& report) {
    return radfact_exact(report.report->findings, study.reference->findings);
  });
}

}  // namespace

PerReport<RadFactStudy> judge_by_verdicts(const AnnotatedStudies& annotated, const std::vector<std::string>& systems,
    const RadFactVerdicts& verdicts, std::vector<Problem>& problems) {
  std::set<std::pair<std::string, std::string>> used;
  PerReport<RadFactStudy> judged(systems.size());
  for (size_t s = 0; s < systems.size(); ++s)
    for (const AnnotatedStudy& study : annotated.studies) {
      const std::string& id = study.reference->study_id;
      auto of_study = verdicts.studies.find({systems[s], id});
      if (of_study == verdicts.studies.end() && s == 0) of_study = verdicts.studies.find({"", id});
      judged[s].emplace_back();  // counts nowhere
      if (of_study != verdicts.studies.end()) {
        used.insert(of_study->first);
        judged[s].back() = radfact_judged(
            study.reports[s].report->findings, study.reference->findings, of_study->second, systems[s], id, problems);
      } else if (s == 0) {
        problems.push_back({systems[s], id, "RadFact: no verdict, left out there"});
      }
    }
  for (const auto& [key, of_study] : verdicts.studies)
    if (!used.contains(key))
      problems.push_back(
          {key.first.empty() ? systems[0] : key.first, key.second, "RadFact: verdicts on a study that is not scored"});
  return judged;
}

// By equal sentences only where references point at something: without boxes there is nothing spatial, and equal
// sentences alone say little. Forced sentences (box completion) are equal by themselves.
void add_radfact_metrics(std::vector<Metric>& metrics, const MetricInput& input) {
  if (input.options.box_completion) return;
  const std::vector<AnnotatedStudy>& studies = input.annotated.studies;
  const RadFactVerdicts* verdicts = input.options.verdicts.get();
  if (!verdicts && std::none_of(studies.begin(), studies.end(), has_boxes)) return;
  const auto judged =
      std::make_shared<const PerReport<RadFactStudy>>(verdicts ? input.judged : judge_exactly(input.annotated));
  for (const auto& [name, pair] : {std::pair{"logical", &RadFactScores::logical},
           std::pair{"spatial", &RadFactScores::spatial}, std::pair{"grounding", &RadFactScores::grounding}})
    for (const auto& [side, value] : {std::pair{"precision", &RadFactPair::precision},
             std::pair{"recall", &RadFactPair::recall}, std::pair{"F1", &RadFactPair::f1}})
      metrics.push_back({verdicts ? verdicts->group() : kRadFactExactName, fmt::format("{} {}", name, side),
          [judged, pair, value](size_t system, std::span<const uint32_t> which) {
            return radfact_scores((*judged)[system], which).*pair.*value;
          }});
}

}  // namespace hilum
