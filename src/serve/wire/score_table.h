// The table both scoring protocols send: named columns in any order, a row a study (reports) or a picture and a text
// (embeddings). Sheets: grounded-reporting 6.1 and 6.2, medimageinsight 4.1, ecosystem 2.1 and 2.2.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "serve/wire/json_field.h"
#include "serve/wire/reply.h"

namespace hilum {

enum class ScoreKind {
  kReports,
  kEmbeddings
};  // kEmbeddings too for the fine-tuned classifier, whose one column is `image`

struct ScoreRow {
  std::string name;                     // as the request's index has it: "0", "17", "a"
  std::string frontal, lateral, prior;  // bytes of picture files; empty: not sent. The frontal is always there.
  std::optional<std::string> indication, technique, comparison, prior_report;
  std::string image;                // embeddings: bytes of a picture file, empty: not sent
  std::optional<std::string> text;  // embeddings: never ""
};

// Of `params`. Values may be strings ("true", "75"), as the documents print them. Names not listed are passed over, as
// MLflow does.
struct ScoreParams {
  bool get_scaling_factor = true;
  std::optional<int> jpeg_quality;  // image_standardization_jpeg_compression_ratio, 1..100
  std::optional<int> image_size;    // image_standardization_image_size, 16..4096 px
};

struct ScoreRequest {
  ScoreKind kind = ScoreKind::kReports;
  std::vector<ScoreRow> rows;
  ScoreParams params;
};

// Cells by row, then column; null where there is none.
struct ScoreCells {
  std::vector<std::string> columns;
  std::vector<std::string> names;              // of the rows; empty: 0, 1, 2 ...
  std::vector<std::vector<const Json*>> rows;  // null pointer: null
  std::string path;                            // of the rows in the request: "input_data.data"
};

// {"columns":[...],"data":[[...]],"index"?:[...]}, the form of both input_data and dataframe_split. The cells point
// into `table`.
ScoreCells read_split_table(const JsonField& table);

inline constexpr size_t kMaxScoreRows = 1024;

// Which of the two it is, the columns say. Throws RequestError naming row and column: unknown or doubled columns,
// columns of both kinds, no frontal_image, a row of another length than the columns, cells that are no strings,
// pictures that are not base64 or a URL (not fetched), no rows or more than kMaxScoreRows, an embedding row with
// neither picture nor text.
ScoreRequest read_score_cells(const ScoreCells& cells, const std::optional<JsonField>& params);

// The same error, naming the row: for what shows only once the picture is decoded or the model is run.
RequestError row_error(const ScoreRow& row, size_t number, const Error& error);

}  // namespace hilum
