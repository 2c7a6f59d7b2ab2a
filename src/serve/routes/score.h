// The rows of a scoring request through the model: what /score and /invocations share.
#pragma once

#include "serve/service.h"
#include "serve/wire/score_table.h"

namespace hilum {

struct ScoredReports {
  std::vector<std::vector<CropFinding>> findings_in_crop;  // a row each
  bool far_from_phantoms = false;                          // any of them
};
// All rows, as many at once as the model takes. Throws RequestError naming the row at fault.
ScoredReports score_reports(Service& service, LiveModel& model, const ScoreRequest& asked, const HttpRequest& request);

struct ScoredEmbeddings {
  std::vector<EmbeddingRow> rows;
  std::optional<double> log_scale;  // of a model that has a scale
  bool far_from_phantoms = false;
};
ScoredEmbeddings score_embeddings(Service& service, LiveModel& model, const ScoreRequest& request);

// The rows' pictures through an adapter, labels and scores.
std::vector<std::vector<ScoredClass>> classified(const Adapter& adapter, const ScoredEmbeddings& scored);

// X-Hilum-Demo of a demo model's answer, with the warning where a picture was unlike its phantoms.
void add_demo_header(Reply& reply, const LiveModel& model, bool far_from_phantoms);

}  // namespace hilum
