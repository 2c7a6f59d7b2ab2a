#include "serve/wire/score_table.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/nearest.h"
#include "serve/wire/data_uri.h"

namespace hilum {
namespace {

struct Column {
  const char* name;
  bool of_reports;
  std::string ScoreRow::* picture;  // one of the two
  std::optional<std::string> ScoreRow::* text;
};
constexpr std::array kColumns = {
    Column{"frontal_image", true, &ScoreRow::frontal, nullptr},
    Column{"lateral_image", true, &ScoreRow::lateral, nullptr},
    Column{"prior_image", true, &ScoreRow::prior, nullptr},
    Column{"indication", true, nullptr, &ScoreRow::indication},
    Column{"technique", true, nullptr, &ScoreRow::technique},
    Column{"comparison", true, nullptr, &ScoreRow::comparison},
    Column{"prior_report", true, nullptr, &ScoreRow::prior_report},
    Column{"image", false, &ScoreRow::image, nullptr},
    Column{"text", false, nullptr, &ScoreRow::text},
};
constexpr size_t kMaxCellText = 64 << 10;  // bytes; far past what any model reads

const Column& column_named(const std::string& name) {
  std::vector<std::string> known;
  for (const Column& column : kColumns) {
    if (name == column.name) return column;
    known.emplace_back(column.name);
  }
  const std::string nearest = nearest_name(name.substr(0, 64), known);
  throw RequestError(400, "columns", "\"" + name.substr(0, 64) + "\" is not a column that is known",
      nearest.empty() ? fmt::format("Known: {}.", fmt::join(known, ", ")) : "Did you mean \"" + nearest + "\"?");
}

std::vector<const Column*> read_columns(const std::vector<std::string>& names) {
  std::vector<const Column*> columns;
  for (const std::string& name : names) {
    const Column* column = &column_named(name);
    if (std::find(columns.begin(), columns.end(), column) != columns.end())
      throw RequestError(400, "columns", "\"" + name + "\" stands there twice");
    columns.push_back(column);
    if (column->of_reports != columns.front()->of_reports)
      throw RequestError(400, "columns",
          fmt::format("\"{}\" is of another model than \"{}\"", name, columns.front()->name),
          "Send the columns of one model.");
  }
  if (columns.empty()) throw RequestError(400, "columns", "names no column");
  if (columns.front()->of_reports && std::find(names.begin(), names.end(), "frontal_image") == names.end())
    throw RequestError(400, "columns", "frontal_image is missing", "A report needs the frontal picture.");
  return columns;
}

ScoreRow read_row(const std::vector<const Json*>& cells, const std::vector<const Column*>& columns,
    const std::string& name, const std::string& path) {
  if (cells.size() != columns.size())
    throw RequestError(
        400, path, fmt::format("row {} has {} cells for {} columns", name, cells.size(), columns.size()));
  ScoreRow row;
  row.name = name;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i] || cells[i]->is_null()) continue;
    const JsonField cell(*cells[i], fmt::format("{}, row {}, {}", path, name, columns[i]->name));
    if (columns[i]->picture) row.*columns[i]->picture = read_image_cell(cell.text_in_place(), cell.path());
    else row.*columns[i]->text = cell.text(kMaxCellText);
  }
  const std::string place = fmt::format("{}, row {}", path, name);
  if (row.text && row.text->empty()) row.text.reset();
  if (columns.front()->of_reports ? row.frontal.empty() : row.image.empty() && !row.text)
    throw RequestError(
        400, place, columns.front()->of_reports ? "frontal_image is missing" : "has neither image nor text");
  return row;
}

bool read_truth(const JsonField& field) {
  if (!field.is_text()) return field.truth();
  std::string text = field.text(16);
  std::transform(text.begin(), text.end(), text.begin(),
      [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (text != "true" && text != "false") field.fail("is neither true nor false");
  return text == "true";
}

int read_whole(const JsonField& field, int low, int high) {
  if (!field.is_text()) return static_cast<int>(field.whole(low, high));
  const std::string text = field.text(16);
  int value = 0;
  const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (trouble != std::errc() || end != text.data() + text.size() || value < low || value > high)
    field.fail(fmt::format("is not a whole number from {} to {}", low, high));
  return value;
}

ScoreParams read_params(const JsonField& field) {
  ScoreParams params;
  if (const auto scaling = field.find("get_scaling_factor")) params.get_scaling_factor = read_truth(*scaling);
  if (const auto quality = field.find("image_standardization_jpeg_compression_ratio"))
    params.jpeg_quality = read_whole(*quality, 1, 100);
  if (const auto size = field.find("image_standardization_image_size")) params.image_size = read_whole(*size, 16, 4096);
  return params;
}

std::vector<std::string> row_names(const JsonField& index) {
  std::vector<std::string> names;
  for (size_t i = 0; i < index.need_array().size(); ++i) {
    const JsonField name = index.at(i);
    names.push_back(name.is_text() ? name.text(64) : std::to_string(name.whole(INT64_MIN, INT64_MAX)));
  }
  if (names.empty()) index.fail("names no row");
  return names;
}

}  // namespace

ScoreCells read_split_table(const JsonField& table) {
  ScoreCells cells;
  const JsonField columns = table.need("columns"), data = table.need("data");
  for (size_t i = 0; i < columns.need_array().size(); ++i) cells.columns.push_back(columns.at(i).text(256));
  if (const auto index = table.find("index")) cells.names = row_names(*index);
  cells.path = data.path();
  for (size_t i = 0; i < data.need_array().size(); ++i) {
    const JsonField row = data.at(i);
    std::vector<const Json*>& read = cells.rows.emplace_back();
    for (const Json& cell : row.need_array().json()) read.push_back(&cell);
  }
  return cells;
}

ScoreRequest read_score_cells(const ScoreCells& cells, const std::optional<JsonField>& params) {
  const std::vector<const Column*> columns = read_columns(cells.columns);
  if (cells.rows.empty()) throw RequestError(400, cells.path, "holds no rows");
  if (cells.rows.size() > kMaxScoreRows)
    throw RequestError(400, cells.path, fmt::format("holds {} rows; {} are read", cells.rows.size(), kMaxScoreRows),
        "Send several requests.");
  if (!cells.names.empty() && cells.names.size() != cells.rows.size())
    throw RequestError(400, cells.path,
        fmt::format("holds {} rows for {} row names in the index", cells.rows.size(), cells.names.size()));
  ScoreRequest request;
  request.kind = columns.front()->of_reports ? ScoreKind::kReports : ScoreKind::kEmbeddings;
  for (size_t i = 0; i < cells.rows.size(); ++i)
    request.rows.push_back(
        read_row(cells.rows[i], columns, cells.names.empty() ? std::to_string(i) : cells.names[i], cells.path));
  if (params) request.params = read_params(*params);
  return request;
}

RequestError row_error(const ScoreRow& row, size_t number, const Error& error) {
  const std::string place =
      row.name == std::to_string(number) ? "row " + row.name : fmt::format("row {} (number {})", row.name, number);
  return RequestError(status_of(error), place, error.where() + ": " + error.problem(), error.mend());
}

}  // namespace hilum
