// A manifest's or a folder's rows through one model: pictures are decoded and preprocessed on other threads, encoded
// several at a time, the sequences decoded together, and the results told in row order. Each is bit for bit what the
// row gives alone.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/error.h"
#include "engine/batch/model_worker.h"
#include "engine/batch/prepared_rows.h"

namespace hilum {

struct RunConfig {
  int sequences = 1;  // decoded together
  BackendConfig backend;
};

// How many sequences to decode together. `asked` as the user named it (--batch), 0: as many as are worth it, at most
// eight, one a row, and with their keys and values in a quarter of the machine's memory; `positions` is what a row
// needs, about. Throws Error where that many sequences of the model's whole context cannot be held.
int sequences_for(const Model& model, int asked, size_t rows, int64_t positions);

// The worker's settings for such a run: most tokens a second, and nobody is refused.
WorkerConfig worker_config(const RunConfig& config);
int preparing_threads(const BackendConfig& backend);
inline size_t rows_ahead(const RunConfig& config) {  // prepared or at work, and not yet told of
  return 2 * static_cast<size_t>(config.sequences) + static_cast<size_t>(preparing_threads(config.backend));
}

// A job on its way through the worker. The place goes first: it is given back only when nobody uses the job any more.
template <typename Job>
struct JobAtWork {
  std::unique_ptr<Job> job;
  std::optional<ModelWorker::Place> place;
};

// make(row) reads the row's files and makes its job, on another thread; told(row, job, outcome) finishes it, on the
// caller's, in row order. An Error of either, or of the model, goes to failed(row, error) in the row's turn; any other
// exception ends the run.
template <typename Job>
void run_jobs(const Model& model, const RunConfig& config, std::span<const size_t> rows,
    const std::function<std::unique_ptr<Job>(size_t row)>& make,
    const std::function<void(size_t row, Job& job, GenerationOutcome outcome)>& told,
    const std::function<void(size_t row, const Error& error)>& failed) {
  if (rows.empty()) return;
  ModelWorker worker(model, worker_config(config));
  using AtWork = std::unique_ptr<JobAtWork<Job>>;
  PreparedRows<AtWork> prepared(
      rows.size(), preparing_threads(config.backend), rows_ahead(config), [&](size_t i) -> AtWork {
        auto row = std::make_unique<JobAtWork<Job>>();
        row->place.emplace(worker);  // first: the schedule knows then that a row is on its way
        row->job = make(rows[i]);
        worker.submit(*row->place, work_of(*row->job));
        return row;
      });
  for (const size_t row : rows) {
    try {
      const AtWork at_work = prepared.next();
      GenerationOutcome outcome = worker.wait(*at_work->place);
      told(row, *at_work->job, std::move(outcome));
    } catch (const Error& error) {
      failed(row, error);
    }
  }
}

}  // namespace hilum
