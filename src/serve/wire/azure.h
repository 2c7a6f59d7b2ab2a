// POST /score: Azure ML's online endpoint of both published models. Sheets: ecosystem 2.1, grounded-reporting 6.2,
// medimageinsight 4.
#pragma once

#include <string>
#include <string_view>

#include "serve/wire/json_limits.h"
#include "serve/wire/score_rows.h"
#include "serve/wire/score_table.h"

namespace hilum {

// {"input_data":{"columns":[...],"index":[...],"data":[[...]]},"params":{...}}; index and params may be absent. The
// demo's and the boxes' headers are the server's. Throws RequestError naming row and column (score_table.h).
ScoreRequest read_score(std::string_view body, const JsonLimits& limits = {});

enum class ScoreForm {
  kWire,
  kDocuments
};  // of the service as recorded, or as its web documents print it (--score-form documents)

// Boxes in 0..1 of the crop that the model saw, as the service gives them: header X-Hilum-Box-Frame: crop.
Reply score_reply(std::span<const std::vector<CropFinding>> rows_in_crop, ScoreForm form);
Reply score_reply(std::span<const EmbeddingRow> rows, std::optional<double> log_scale, ScoreForm form);
Reply score_reply(std::vector<std::vector<ScoredClass>> rows);

// {"message": "..."}
Reply azure_error(int status, const std::string& message);
Reply azure_error(const Error& error);

}  // namespace hilum
