#include "serve/wire/azure.h"

#include <nlohmann/json.hpp>

#include "serve/wire/json_field.h"

namespace hilum {
ScoreRequest read_score(std::string_view body, const JsonLimits& limits) {
  const Json json = parse_body(body, limits);
  const JsonField root(json, "");
  root.need_object();
  return read_score_cells(read_split_table(root.need("input_data")), root.find("params"));
}

Reply score_reply(std::span<const std::vector<CropFinding>> rows, ScoreForm form) {
  Reply reply;
  reply.body = form == ScoreForm::kWire ? report_rows_json(rows) : report_document_json(rows);
  reply.headers.emplace_back("X-Hilum-Box-Frame", "crop");
  return reply;
}

Reply score_reply(std::span<const EmbeddingRow> rows, std::optional<double> log_scale, ScoreForm form) {
  Reply reply;
  reply.body =
      form == ScoreForm::kWire ? embedding_rows_json(rows, log_scale) : embedding_document_json(rows, log_scale);
  return reply;
}

Reply score_reply(std::vector<std::vector<ScoredClass>> rows) {
  Reply reply;
  reply.body = class_rows_json(std::move(rows));
  return reply;
}

Reply azure_error(int status, const std::string& message) {
  Reply reply;
  reply.status = status;
  reply.body = json_line({{"message", message}});
  return reply;
}
Reply azure_error(const Error& error) { return azure_error(status_of(error), error.what()); }

}  // namespace hilum
