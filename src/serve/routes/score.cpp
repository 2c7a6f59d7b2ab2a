#include "serve/routes/score.h"

#include <cmath>
#include <future>

#include "base/error.h"
#include "serve/request_error.h"
#include "serve/routes/embed_sent.h"
#include "serve/sent_study.h"

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
    } catch (const BatchError& e) {
      throw row_error(from, row, request_error(e));
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
  scored.rows.resize(request.rows.size());
  std::vector<SentPicture> pictures;
  for (size_t i = 0; i < request.rows.size(); ++i) {
    if (!request.rows[i].image.empty()) pictures.push_back({i, &request.rows[i].image});
    if (request.rows[i].text && !info.has_text) break;  // the request ends at this row
  }
  const auto at_row = [&](size_t i, const std::function<void()>& act) {
    try {
      act();
    } catch (const BatchError& e) {
      throw row_error(request.rows[i], i, request_error(e));
    } catch (const Error& e) {
      throw row_error(request.rows[i], i, e);
    }
  };
  embed_sent(service, model, pictures, "image", at_row,
      [&](size_t i, std::vector<float> embedding) { scored.rows[i].image = std::move(embedding); });
  for (size_t i = 0; i < request.rows.size(); ++i) {
    const ScoreRow& row = request.rows[i];
    EmbeddingRow& out = scored.rows[i];
    if (row.text)
      at_row(i, [&] {
        if (!info.has_text) throw RequestError(400, "text", model.name + " has no text tower", "Send images alone.");
        out.text = service.embed(model, *row.text);
      });
    if (!out.image.empty()) scored.far_from_phantoms |= model.embedder->far_from_training(out.image);
  }
  return scored;
}

std::vector<std::vector<ScoredClass>> classified(const Adapter& adapter, const ScoredEmbeddings& scored) {
  std::vector<std::vector<ScoredClass>> rows;
  for (const EmbeddingRow& row : scored.rows) rows.push_back(adapter.scores(row.image));
  return rows;
}

}  // namespace hilum
