// The last step of a report that went through the worker.
#pragma once

#include "engine/answer/report_job.h"
#include "engine/batch/model_worker.h"

namespace hilum {

// The network's answer as a report, with the times it took. Throws Error as ReportJob::finish does.
inline WrittenReport finished_report(ReportJob& job, const GenerationOutcome& outcome) {
  WrittenReport written = job.finish(outcome.generation);
  written.report.image_ms = outcome.image_ms;
  written.report.prefill_ms = outcome.prefill_ms;
  written.report.generate_ms = outcome.generate_ms;
  return written;
}

}  // namespace hilum
