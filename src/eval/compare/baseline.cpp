#include "eval/compare/baseline.h"

#include "eval/report_text.h"

namespace hilum {

Baseline baseline_of(const std::vector<MatchedStudy>& studies) {
  std::vector<std::string> texts;
  for (const MatchedStudy& study : studies)
    texts.push_back(text_of(study.reference->findings, study.reference->report));
  const MostCommon common = most_common(texts);
  const Study& reference = *studies[common.index].reference;
  Baseline baseline;
  baseline.report.findings = reference.findings;
  baseline.report.report = reference.report;
  baseline.text = texts[common.index];
  baseline.count = common.count;
  return baseline;
}

}  // namespace hilum
