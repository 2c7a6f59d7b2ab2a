// One study as a request holds it, and its report's way through the model.
#pragma once

#include <optional>
#include <string>

#include "engine/answer/report_job.h"
#include "engine/batch/model_worker.h"
#include "engine/study_request.h"
#include "serve/service.h"

namespace hilum {

struct SentStudy {
  std::string study_id;
  std::string frontal, lateral, prior;  // bytes of picture files; empty: not sent
  std::optional<std::string> indication, technique, comparison, prior_report;
};
StudyRequest study_request(const Service& service, const SentStudy& sent);  // `sent` must outlive it

// One report from study to finished Report, in the model's turn. `place` is given back at the end.
WrittenReport run_report(const Service& service, LiveModel& model, ModelWorker::Place& place, const SentStudy& study,
    const ReportOptions& options, ReportListener listener = {});

// Its last step: the network's answer as a report, with the times it took and the weights' sum.
WrittenReport finished(LiveModel& model, ReportJob& job, const GenerationOutcome& outcome);

}  // namespace hilum
