// RadFact's scores of a comparison: by recorded verdicts where there are any, else by equal sentences.
#include <algorithm>
#include <memory>
#include <set>

#include "eval/compare/compare_metrics.h"

namespace hilum {
namespace {

bool has_boxes(const Study* study) {
  return std::any_of(
      study->findings.begin(), study->findings.end(), [](const Finding& finding) { return finding.boxes.has_value(); });
}

// [system][study], by equal sentences.
std::vector<std::vector<RadFactStudy>> judge_exactly(const CompareInput& input) {
  std::vector<std::vector<RadFactStudy>> judged(input.reports.size());
  for (size_t s = 0; s < input.reports.size(); ++s)
    for (size_t i = 0; i < input.studies.size(); ++i)
      judged[s].push_back(radfact_exact(input.reports[s][i]->findings, input.references[i]->findings));
  return judged;
}

}  // namespace

void judge_by_verdicts(CompareInput& input, Comparison& comparison) {
  if (!input.options.verdicts) return;
  const RadFactVerdicts& verdicts = *input.options.verdicts;
  std::set<std::pair<std::string, std::string>> used;
  input.judged.resize(input.reports.size());
  for (size_t s = 0; s < input.reports.size(); ++s)
    for (size_t i = 0; i < input.studies.size(); ++i) {
      const std::string& id = input.references[i]->study_id;
      input.judged[s].emplace_back();  // counts nowhere
      bool found = false;
      for (const std::string& system : {comparison.systems[s], std::string()}) {
        const auto of_study = verdicts.studies.find({system, id});
        if (of_study == verdicts.studies.end() || (system.empty() && s > 0)) continue;
        used.insert(of_study->first);
        input.judged[s].back() = radfact_judged(input.reports[s][i]->findings, input.references[i]->findings,
            of_study->second, comparison.systems[s], id, comparison.problems);
        found = true;
        break;
      }
      if (!found && s == 0)
        comparison.problems.push_back({comparison.systems[s], id, "RadFact: no verdict, left out there"});
    }
  for (const auto& [key, of_study] : verdicts.studies)
    if (!used.contains(key)) {
      const std::string& system = key.first.empty() ? comparison.systems[0] : key.first;
      comparison.problems.push_back({system, key.second, "RadFact: verdicts on a study that is not scored"});
    }
}

// By equal sentences only where references point at something: without boxes there is nothing spatial, and equal
// sentences alone say little.
void add_radfact_metrics(std::vector<Metric>& metrics, const CompareInput& input) {
  const bool recorded = input.options.verdicts != nullptr;
  if (!recorded && std::none_of(input.references.begin(), input.references.end(), has_boxes)) return;
  const auto studies =
      std::make_shared<const std::vector<std::vector<RadFactStudy>>>(recorded ? input.judged : judge_exactly(input));
  const std::string group = recorded ? input.options.verdicts->group() : kRadFactExactName;
  for (const auto& [name, pair] : {std::pair{"logical", &RadFactScores::logical},
           std::pair{"spatial", &RadFactScores::spatial}, std::pair{"grounding", &RadFactScores::grounding}})
    for (const auto& [which_one, value] : {std::pair{"precision", &RadFactPair::precision},
             std::pair{"recall", &RadFactPair::recall}, std::pair{"F1", &RadFactPair::f1}})
      metrics.push_back({group, std::string(name) + " " + which_one,
          [studies, pair = pair, value = value](size_t system, std::span<const uint32_t> which) {
            return radfact_scores((*studies)[system], which).*pair.*value;
          }});
}

}  // namespace hilum
