#include "eval/compare/match_studies.h"

#include <unordered_map>
#include <unordered_set>

#include "eval/report_text.h"

namespace hilum {

Matching match_studies(const std::vector<Study>& references, const std::vector<System>& systems) {
  Matching matching;
  const auto complain = [&](const std::string& side, const std::string& study_id, const char* problem) {
    matching.problems.push_back({side, study_id, problem});
  };
  std::unordered_set<std::string> reference_ids;
  std::vector<const Study*> usable;
  for (const Study& reference : references) {
    if (!reference_ids.insert(reference.study_id).second)
      complain("references", reference.study_id, "study id given twice, the first is used");
    else if (text_of(reference.findings, reference.report).empty())
      complain("references", reference.study_id, "no text, left out");
    else usable.push_back(&reference);
  }
  std::vector<std::unordered_map<std::string, const Report*>> by_id(systems.size());
  for (size_t s = 0; s < systems.size(); ++s)
    for (const Report& report : systems[s].reports) {
      if (report.study_id.empty()) complain(systems[s].name, "", "a report without study id, left out");
      else if (!by_id[s].emplace(report.study_id, &report).second)
        complain(systems[s].name, report.study_id, "study id given twice, the first is used");
      else if (!reference_ids.contains(report.study_id))
        complain(systems[s].name, report.study_id, "no reference, left out");
    }
  for (const Study* reference : usable) {
    MatchedStudy study{reference, {}};
    for (size_t s = 0; s < systems.size(); ++s) {
      const auto found = by_id[s].find(reference->study_id);
      if (found == by_id[s].end()) complain(systems[s].name, reference->study_id, "no report, the study is left out");
      else study.reports.push_back(found->second);
    }
    if (study.reports.size() == systems.size()) matching.studies.push_back(std::move(study));
  }
  return matching;
}

}  // namespace hilum
