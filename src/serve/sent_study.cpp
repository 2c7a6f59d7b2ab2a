#include "serve/sent_study.h"

#include <span>

#include "engine/batch/finished_report.h"

namespace hilum {

StudyRequest study_request(const Service& service, const SentStudy& sent) {
  const auto source = [&](const std::string& bytes, const char* name) {
    return ImageSource(std::as_bytes(std::span(bytes.data(), bytes.size())), name, service.config().max_pixels);
  };
  StudyRequest request{.study_id = sent.study_id,
      .frontal = source(sent.frontal, "frontal"),
      .indication = sent.indication,
      .technique = sent.technique,
      .comparison = sent.comparison,
      .prior_report = sent.prior_report};
  if (!sent.lateral.empty()) request.lateral = source(sent.lateral, "lateral");
  if (!sent.prior.empty()) request.prior = source(sent.prior, "prior");
  return request;
}

WrittenReport run_report(const Service& service, LiveModel& model, ModelWorker::Place& place, const SentStudy& study,
    const ReportOptions& options, ReportListener listener) {
  const std::function<bool()> gone = listener.gone;
  ReportJob job(*model.reports, study_request(service, study), options, std::move(listener));
  const GenerationOutcome outcome = model.worker->run(place, work_of(job, gone));
  return finished(model, job, outcome);
}

WrittenReport finished(LiveModel& model, ReportJob& job, const GenerationOutcome& outcome) {
  WrittenReport written = finished_report(job, outcome);
  written.report.weights_sha256 = model.weights_sha256.get();
  return written;
}

}  // namespace hilum
