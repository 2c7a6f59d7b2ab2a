// Answers of the scoring routes, a JSON list with one entry a row; azure.h and mlflow.h put them into their envelopes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "report/crop_finding.h"

namespace hilum {

struct EmbeddingRow {
  std::vector<float> image, text;  // [E] each; empty: that side was not sent
};
using ScoredClass = std::pair<std::string, double>;  // label, 0..1

// As seen on the wire: [{"output":"[[\"The heart size is normal.\", null], ...]"}], the inner list as a string
// (to_azure of report/json.h). Boxes in 0..1 of the model's crop.
std::string report_rows_json(std::span<const std::vector<CropFinding>> rows_in_crop);

// [{"image_features":[[...]],"text_features":[...],"scaling_factor":4.5}]: image features nested, text features flat,
// keys only for what was sent, as recorded of the service. log_scale: the natural logarithm of the scale that logits
// are made with; no value: not asked for. Numbers are the shortest that read back as the same float. Throws Error for
// one that is not finite.
std::string embedding_rows_json(std::span<const EmbeddingRow> rows, std::optional<double> log_scale);

// [[{"label":"a","score":0.9}, ...]]: sorted by score, highest first.
std::string class_rows_json(std::vector<std::vector<ScoredClass>> rows);

// The forms the web documents print: the list as a plain value, a bare object where the request had one row
// ({"output":[["...",null]]}), and one object with a vector a row for embeddings
// ({"image_features":[[...],[...]],"text_features":[[...]],"scaling_factor":4.5}).
std::string report_document_json(std::span<const std::vector<CropFinding>> rows_in_crop);
std::string embedding_document_json(std::span<const EmbeddingRow> rows, std::optional<double> log_scale);

}  // namespace hilum
