// The rows of a scoring request through the model: what /score and /invocations share.
#pragma once

#include "serve/http/http.h"
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
// Pictures are embedded several in a pass.
ScoredEmbeddings score_embeddings(Service& service, LiveModel& model, const ScoreRequest& request);

// The rows' pictures through an adapter, labels and scores.
std::vector<std::vector<ScoredClass>> classified(const Adapter& adapter, const ScoredEmbeddings& scored);

}  // namespace hilum
