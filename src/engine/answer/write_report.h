// The walk from a study's files to its report (DESIGN section 4).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/model.h"
#include "engine/study_request.h"
#include "generation/generate.h"
#include "report/crop_finding.h"
#include "report/report.h"

namespace hilum {

struct ReportOptions {
  std::string task = "grounded";
  std::string phrase;      // for the task that locates one
  int max_new_tokens = 0;  // 0: the task's own limit
  Sampling sampling;
  bool allow_mismatch = false;
  bool strict = false;       // parse as the reference does: a malformed answer fails
  bool complete = false;     // force the reference's sentences, let the model write their boxes only
  bool blank_image = false;  // ablation: the network sees an even grey instead of the pictures
};

struct WrittenReport {
  Report report;
  std::vector<CropFinding> findings_in_crop;  // as the model wrote them, for the Azure form
  Image frontal;                              // as decoded, for the overlay
  size_t cache_bytes = 0;                     // of keys and values, for the prompt and the longest answer
};

// Throws Error naming the image or section at fault.
WrittenReport write_report(const Model& model, const StudyRequest& request, const ReportOptions& options);

}  // namespace hilum
