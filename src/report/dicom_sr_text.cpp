// TID 2000, Basic Diagnostic Imaging Report (PS3.16): what a reader sees where no boxes can be shown.
#include "report/dicom_sr_rows.h"
#include "report/result_text.h"

namespace hilum {

void build_sr_text_tree(DSRDocumentTree& document, const SrTreeInput& in) {
  const Report& report = in.report;
  SrRows rows(document);
  rows.open(DSRTypes::RT_isRoot, {"18748-4", "LN", "Diagnostic Imaging Report"}, "2000");
  add_language(rows);
  add_observer(rows, in);
  rows.open(kContains, {"121070", "DCM", "Findings"});
  rows.text(kContains, kComment, result_notice(report));
  for (const std::string& warning : report.warnings)
    if (const std::string text = clean_text(warning); !text.empty()) rows.text(kContains, kComment, "Warning: " + text);
  for (const Finding& finding : report.findings) rows.text(kContains, kFindingConcept, sr_sentence(finding));
  if (report.findings.empty() || report.report || report.labels) add_plain_texts(rows, report, kFindingConcept);
  rows.close();
}

}  // namespace hilum
