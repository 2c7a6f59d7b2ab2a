#include "serve/wire/mlflow.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "base/version.h"
#include "data/csv.h"
#include "serve/wire/media_type.h"
#include "serve/wire/openai_chat_reply.h"

namespace hilum {
namespace {

constexpr std::array kTableKeys = {"dataframe_split", "dataframe_records", "instances", "inputs"};

// Objects to a table: every key that any of them has is a column.
ScoreCells read_records(const JsonField& records) {
  ScoreCells cells;
  cells.path = records.path();
  if (records.size() > kMaxScoreRows)
    records.fail(fmt::format("holds {} rows; {} are read", records.size(), kMaxScoreRows));
  for (size_t i = 0; i < records.need_array().size(); ++i) {
    const JsonField record = records.at(i);
    if (!record.is_object()) record.fail("is " + record.type() + ", not an object with the columns' names");
    for (const auto& [key, value] : record.json().items())
      if (std::find(cells.columns.begin(), cells.columns.end(), key) == cells.columns.end()) {
        cells.columns.push_back(key);
        if (cells.columns.size() > 64) record.fail("brings more columns than there are");
      }
  }
  for (const Json& record : records.json()) {
    std::vector<const Json*>& row = cells.rows.emplace_back();
    for (const std::string& column : cells.columns) {
      const auto cell = record.find(column);
      row.push_back(cell == record.end() ? nullptr : &*cell);
    }
  }
  return cells;
}

// Columns by name: lists of one length, or single values for one row.
ScoreCells read_named_columns(const JsonField& inputs) {
  ScoreCells cells;
  cells.path = inputs.path();
  const auto length = [](const Json& column) { return column.is_array() ? column.size() : 1; };
  for (const auto& [name, column] : inputs.json().items()) {
    if (cells.columns.empty()) {
      if (length(column) > kMaxScoreRows)
        inputs.fail(fmt::format("holds {} rows; {} are read", length(column), kMaxScoreRows));
      cells.rows.resize(length(column));
    }
    if (length(column) != cells.rows.size()) inputs.fail("holds columns of different lengths");
    cells.columns.push_back(name);
  }
  for (const auto& [name, column] : inputs.json().items())
    for (size_t i = 0; i < cells.rows.size(); ++i) cells.rows[i].push_back(column.is_array() ? &column[i] : &column);
  return cells;
}

ScoreRequest read_table(const JsonField& root, const char* key) {
  const JsonField table = root.need(key);
  const auto params = root.find("params");
  const std::string name = key;
  if (name == "dataframe_split") return read_score_cells(read_split_table(table), params);
  if (name == "inputs" && table.is_object()) return read_score_cells(read_named_columns(table), params);
  return read_score_cells(read_records(table), params);
}

ScoreRequest read_csv(std::string_view body, const JsonLimits& limits) {
  if (body.size() > limits.max_bytes)
    throw RequestError(413, "", fmt::format("the body has {} bytes; {} are read", body.size(), limits.max_bytes));
  if (!is_utf8(body)) throw RequestError(400, "", "the CSV is not UTF-8");
  if (static_cast<size_t>(std::count_if(body.begin(), body.end(), [](char c) { return c == ',' || c == '\n'; })) >
      limits.max_values)
    throw RequestError(400, "", fmt::format("the CSV holds more than {} cells", limits.max_values));
  const std::vector<CsvRow> table = parse_csv(body, "CSV");
  if (table.empty()) throw RequestError(400, "", "the CSV is empty", "Its first line names the columns.");
  ScoreCells cells;
  cells.path = "CSV";
  cells.columns = table.front();
  std::vector<std::vector<Json>> values;  // what the cells point at
  for (size_t i = 1; i < table.size(); ++i) {
    if (table[i].size() == 1 && table[i][0].empty()) continue;  // an empty line
    std::vector<Json>& row = values.emplace_back();
    for (const std::string& cell : table[i]) row.push_back(cell.empty() ? Json(nullptr) : Json(cell));
  }
  for (const std::vector<Json>& row : values) {
    std::vector<const Json*>& pointers = cells.rows.emplace_back();
    for (const Json& cell : row) pointers.push_back(&cell);
  }
  return read_score_cells(cells, {});
}

std::string error_code(int status) {  // MLflow's names
  switch (status) {
    case 401: return "UNAUTHENTICATED";
    case 403: return "PERMISSION_DENIED";
    case 404: return "RESOURCE_DOES_NOT_EXIST";
    case 429: return "REQUEST_LIMIT_EXCEEDED";
    case 501: return "NOT_IMPLEMENTED";
    case 503: return "TEMPORARILY_UNAVAILABLE";
    default: return status >= 500 ? "INTERNAL_ERROR" : "BAD_REQUEST";
  }
}

}  // namespace

Invocation read_invocation(std::string_view content_type, std::string_view body, const ChatLimits& limits) {
  const MediaType type = read_media_type(content_type);
  if (type.type != "application/json" && type.type != "text/csv")
    throw RequestError(415, "", "the body's type is not read", "application/json and text/csv are.");
  if (!type.charset.empty() && type.charset != "utf-8" && type.charset != "utf8")
    throw RequestError(415, "", "the body's charset is not read", "utf-8 is.");
  Invocation invocation;
  if (type.type == "text/csv") {
    invocation.table = read_csv(body, limits.json);
    return invocation;
  }
  const Json json = parse_body(body, limits.json);
  const JsonField root(json, "");
  if (!root.is_object())
    root.fail("is " + root.type() + ", not an object",
        "One of dataframe_split, dataframe_records, instances, inputs is needed.");
  if (json.contains("messages")) {
    invocation.kind = InvocationKind::kChat;
    invocation.chat = read_chat(root, limits);
  } else if (json.contains("prompt")) {
    invocation.kind = InvocationKind::kPrompt;
    invocation.chat = read_prompt(root, limits);
  } else if (json.contains("input")) {
    invocation.kind = InvocationKind::kEmbeddings;
    invocation.embeddings = read_embeddings(root);
  } else {
    const auto num_tables =
        std::count_if(kTableKeys.begin(), kTableKeys.end(), [&](const char* key) { return json.contains(key); });
    if (num_tables != 1)
      root.fail(fmt::format("has {} of dataframe_split, dataframe_records, instances, inputs", num_tables),
          "Exactly one is needed.");
    for (const char* key : kTableKeys)
      if (json.contains(key)) invocation.table = read_table(root, key);
  }
  return invocation;
}

Reply predictions_reply(const std::string& rows_json) {
  Reply reply;
  reply.body = "{\"predictions\":" + rows_json + "}";
  return reply;
}

Reply completion_reply(const std::string& id, int64_t created, const std::string& model, const std::string& text,
    Finish finish, int64_t prompt_tokens, int64_t completion_tokens) {
  Json json = {{"id", id}, {"object", "text_completion"}, {"created", created}, {"model", model}};
  json["choices"] = Json::array(
      {{{"index", 0}, {"text", mended_utf8(text)}, {"logprobs", nullptr}, {"finish_reason", finish_reason(finish)}}});
  json["usage"] = {{"prompt_tokens", prompt_tokens}, {"completion_tokens", completion_tokens},
      {"total_tokens", prompt_tokens + completion_tokens}};
  Reply reply;
  reply.body = json_line(json);
  return reply;
}

Reply mlflow_error(int status, const std::string& message) {
  Reply reply;
  reply.status = status;
  if (status == 415) {
    reply.content_type = "text/plain";
    reply.body = message;
  } else {
    reply.body = json_line({{"error_code", error_code(status)}, {"message", message}, {"stack_trace", ""}});
  }
  return reply;
}
Reply mlflow_error(const Error& error) { return mlflow_error(status_of(error), error.what()); }

Reply mlflow_ping(bool is_loaded) {
  Reply reply;
  reply.status = is_loaded ? 200 : 404;
  reply.body = "\n";
  return reply;
}

Reply mlflow_version() {
  Reply reply;
  reply.content_type = "text/plain";
  reply.body = kVersion;
  return reply;
}

}  // namespace hilum
