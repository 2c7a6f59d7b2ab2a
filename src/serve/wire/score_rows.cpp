#include "serve/wire/score_rows.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "report/json.h"
#include "serve/wire/float_text.h"
#include "serve/wire/json_limits.h"

namespace hilum {
namespace {

// Entries of `out` between brackets, with commas.
template <class Range, class Append>
void append_list(std::string& out, const Range& range, const Append& append) {
  out += '[';
  bool first = true;
  for (const auto& entry : range) {
    if (!first) out += ',';
    first = false;
    append(entry);
  }
  out += ']';
}

void append_key(std::string& out, const char* key) {
  if (out.back() != '{') out += ',';
  out.append("\"").append(key).append("\":");
}

void append_scale(std::string& out, std::optional<double> log_scale) {
  if (!log_scale) return;
  append_key(out, "scaling_factor");
  append_float(out, static_cast<float>(*log_scale));
}

}  // namespace

std::string report_rows_json(std::span<const std::vector<CropFinding>> rows) {
  std::string out;
  append_list(
      out, rows, [&](const std::vector<CropFinding>& findings) { out += json_line({{"output", to_azure(findings)}}); });
  return out;
}

std::string embedding_rows_json(std::span<const EmbeddingRow> rows, std::optional<double> log_scale) {
  std::string out;
  append_list(out, rows, [&](const EmbeddingRow& row) {
    out += '{';
    if (!row.image.empty()) {
      append_key(out, "image_features");
      out += '[';
      append_float_list(out, row.image);
      out += ']';
    }
    if (!row.text.empty()) {
      append_key(out, "text_features");
      append_float_list(out, row.text);
    }
    append_scale(out, log_scale);
    out += '}';
  });
  return out;
}

std::string class_rows_json(std::vector<std::vector<ScoredClass>> rows) {
  Json json = Json::array();
  for (std::vector<ScoredClass>& row : rows) {
    std::stable_sort(
        row.begin(), row.end(), [](const ScoredClass& a, const ScoredClass& b) { return a.second > b.second; });
    Json entries = Json::array();
    for (const auto& [label, score] : row) entries.push_back({{"label", label}, {"score", score}});
    json.push_back(std::move(entries));
  }
  return json_line(json);
}

std::string report_document_json(std::span<const std::vector<CropFinding>> rows) {
  std::string out;
  const auto append = [&](const std::vector<CropFinding>& findings) {
    out += "{\"output\":" + to_azure(findings) + "}";
  };
  if (rows.size() == 1) append(rows.front());
  else append_list(out, rows, append);
  return out;
}

std::string embedding_document_json(std::span<const EmbeddingRow> rows, std::optional<double> log_scale) {
  std::string out = "{";
  const auto append_side = [&](const char* key, std::vector<float> EmbeddingRow::* side) {
    std::vector<const std::vector<float>*> vectors;
    for (const EmbeddingRow& row : rows)
      if (!(row.*side).empty()) vectors.push_back(&(row.*side));
    if (vectors.empty()) return;
    append_key(out, key);
    append_list(out, vectors, [&](const std::vector<float>* vector) { append_float_list(out, *vector); });
  };
  append_side("image_features", &EmbeddingRow::image);
  append_side("text_features", &EmbeddingRow::text);
  append_scale(out, log_scale);
  return out + "}";
}

}  // namespace hilum
