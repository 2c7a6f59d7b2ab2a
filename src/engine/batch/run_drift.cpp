#include "engine/batch/run_drift.h"

#include "engine/batch/finished_report.h"

namespace hilum {
namespace {

// A model's worker that keeps encoded images: the answer, its logits and the report show the same ones.
WorkerConfig drift_worker(const RunConfig& config) {
  WorkerConfig made = worker_config(config);
  made.schedule.waiting *= 2;  // a row has two answers
  made.feature_bytes = WorkerConfig().feature_bytes;
  return made;
}

struct StudyAtWork {
  std::unique_ptr<DriftJob> b;
  JobAtWork<DriftJob> a;
  JobAtWork<ReportJob> report_a, report_b;
};

template <typename Job>
void start(ModelWorker& worker, JobAtWork<Job>& at_work) {
  worker.submit(*at_work.place, work_of(*at_work.job));
}

}  // namespace

void run_drift(const Model& a, const Model& b, const RunConfig& config, std::span<const StudyRequest> studies,
    const ReportOptions& options, const std::function<void(size_t row, StudyDrift drift)>& told,
    const std::function<void(size_t row, const Error& error)>& failed) {
  if (studies.empty()) return;
  ModelWorker worker_a(a, drift_worker(config)), worker_b(b, drift_worker(config));
  using AtWork = std::unique_ptr<StudyAtWork>;
  PreparedRows<AtWork> prepared(
      studies.size(), preparing_threads(config.backend), rows_ahead(config), [&](size_t i) -> AtWork {
        auto row = std::make_unique<StudyAtWork>();
        row->a.place.emplace(worker_a);
        row->report_a.place.emplace(worker_a);
        row->report_b.place.emplace(worker_b);
        row->a.job = std::make_unique<DriftJob>(a, studies[i], options);
        row->b = std::make_unique<DriftJob>(b, studies[i], options);
        check_same_prompt(*row->a.job, *row->b);
        row->report_a.job = std::make_unique<ReportJob>(a, studies[i], options);
        row->report_b.job = std::make_unique<ReportJob>(b, studies[i], options);
        start(worker_a, row->a);
        start(worker_a, row->report_a);
        start(worker_b, row->report_b);
        return row;
      });
  for (size_t i = 0; i < studies.size(); ++i) {
    try {
      const AtWork row = prepared.next();
      const std::vector<int32_t> answer = worker_a.wait(*row->a.place).generation.ids;
      const Tensor features_b = worker_b.encoder().encode(row->b->pixels());
      Tensor logits_a, logits_b;
      worker_a.between_turns([&] { logits_a = row->a.job->logits(answer); });
      worker_b.between_turns([&] {
        row->b->set_features(b.ops().from_host(features_b));
        logits_b = row->b->logits(answer);
      });
      StudyDrift drift{.logits = compare_logits(logits_a, logits_b)};
      const GenerationOutcome of_a = worker_a.wait(*row->report_a.place), of_b = worker_b.wait(*row->report_b.place);
      drift.a = finished_report(*row->report_a.job, of_a).report;
      drift.b = finished_report(*row->report_b.job, of_b).report;
      told(i, std::move(drift));
    } catch (const Error& error) {
      failed(i, error);
    }
  }
}

}  // namespace hilum
