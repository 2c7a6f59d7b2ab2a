// Two forms of one model over many studies: how far their distributions are apart along the first one's answers, and
// both reports, with the studies of a run at work together.
#pragma once

#include <functional>
#include <span>

#include "engine/answer/drift.h"
#include "engine/batch/run_jobs.h"
#include "engine/study_request.h"

namespace hilum {

struct StudyDrift {
  LogitDrift logits;
  Report a, b;
};

// told() or failed() for each study, in order, on the caller's thread; the same as logit_drift() and write_report()
// give of the study alone.
void run_drift(const Model& a, const Model& b, const RunConfig& config, std::span<const StudyRequest> studies,
    const ReportOptions& options, const std::function<void(size_t row, StudyDrift drift)>& told,
    const std::function<void(size_t row, const Error& error)>& failed);

}  // namespace hilum
