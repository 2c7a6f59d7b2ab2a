#include "serve/routes/score.h"

#include <cmath>
#include <future>

#include "base/error.h"
#include "report/json.h"

namespace hilum {

ScoredReports score_reports(Service& service, LiveModel& model, const ScoreRequest& asked, const HttpRequest& request) {
  ScoredReports scored;
  scored.findings_in_crop.resize(asked.rows.size());
  const ReportOptions options{.task = model.reports->preset().default_task};
  const auto one = [&](size_t row, ModelWorker::Place& place) {
    const ScoreRow& from = asked.rows[row];
    SentStudy study{.study_id = from.name,
        .frontal = from.frontal,
        .lateral = from.lateral,
        .prior = from.prior,
        .indication = from.indication,
        .technique = from.technique,
        .comparison = from.comparison,
        .prior_report = from.prior_report};
    try {
      return run_report(service, model, place, study, options, {.gone = request.gone});
    } catch (const Error& e) {
      throw row_error(from, row, e);
    }
  };
  const double seconds = request.seconds_allowed();
  const auto at_once = static_cast<size_t>(std::max(1, model.slots));
  for (size_t first = 0; first < asked.rows.size(); first += at_once) {
    const size_t end = std::min(first + at_once, asked.rows.size());
    std::vector<std::unique_ptr<ModelWorker::Place>> places;
    for (size_t row = first; row < end; ++row)
      places.push_back(std::make_unique<ModelWorker::Place>(*model.worker, seconds));
    std::vector<std::future<WrittenReport>> running;
    for (size_t row = first + 1; row < end; ++row)
      running.push_back(std::async(std::launch::async, one, row, std::ref(*places[row - first])));
    std::exception_ptr error;
    const auto take = [&](size_t row, const std::function<WrittenReport()>& result) {
      try {
        WrittenReport written = result();
        scored.far_from_phantoms |= written.report.far_from_phantoms;
        scored.findings_in_crop[row] = std::move(written.findings_in_crop);
        // a task of plain text gives one sentence without a box
        if (scored.findings_in_crop[row].empty() && written.report.report)
          scored.findings_in_crop[row].push_back({.text = *written.report.report});
      } catch (...) {
        if (!error) error = std::current_exception();
      }
    };
    take(first, [&] { return one(first, *places[0]); });
    for (size_t row = first + 1; row < end; ++row) take(row, [&] { return running[row - first - 1].get(); });
    if (error) std::rethrow_exception(error);
  }
  return scored;
}

ScoredEmbeddings score_embeddings(Service& service, LiveModel& model, const ScoreRequest& request) {
  ScoredEmbeddings scored;
  const EmbedderInfo& info = model.embedder->info();
  if (info.has_text) scored.log_scale = std::log(info.scale);
  for (size_t i = 0; i < request.rows.size(); ++i) {
    const ScoreRow& row = request.rows[i];
    EmbeddingRow out;
    try {
      if (!row.image.empty()) out.image = service.embed(model, decode_sent(service, row.image, "image"), "image");
      if (row.text) {
        if (!info.has_text) throw RequestError(400, "text", model.name + " has no text tower", "Send images alone.");
        out.text = service.embed(model, *row.text);
      }
    } catch (const Error& e) {
      throw row_error(row, i, e);
    }
    if (!out.image.empty()) scored.far_from_phantoms |= model.embedder->far_from_training(out.image);
    scored.rows.push_back(std::move(out));
  }
  return scored;
}

std::vector<std::vector<ScoredClass>> classified(const Adapter& adapter, const ScoredEmbeddings& scored) {
  std::vector<std::vector<ScoredClass>> rows;
  for (const EmbeddingRow& row : scored.rows) rows.push_back(adapter.scores(row.image));
  return rows;
}

void add_demo_header(Reply& reply, const LiveModel& model, bool far_from_phantoms) {
  if (!model.demo()) return;
  add_header(reply, "X-Hilum-Demo", "true");
  if (far_from_phantoms) add_header(reply, "X-Hilum-Warning", kDemoWarning);
}

}  // namespace hilum
