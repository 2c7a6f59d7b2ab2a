#include "cli/image_rows.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "engine/batch/run_jobs.h"
#include "report/report.h"

namespace hilum {

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

InputRows::InputRows(PredictionsFile& file, const std::vector<std::string>& names, const std::string& title)
    : file_(file), names_(names), progress_(title, static_cast<int64_t>(names.size()), "rows") {
  if (file.kept() > 0)
    log_info(
        "resuming: " + std::to_string(file.kept()) + " of " + std::to_string(names.size()) + " rows are already done");
}

void InputRows::put_images(Embedder& embedder, const std::vector<ImageItem>& items, const OptionValues& options,
    const std::function<std::string(size_t row, std::span<const float> embedding)>& line) {
  std::vector<size_t> left;
  for (size_t row = 0; row < items.size(); ++row)
    if (!file_.done(row)) left.push_back(row);
  embed_images(
      embedder, items, left, embed_run_config(options),
      [&](size_t row, const EmbeddedImage& image) {
        for (const std::string& warning : image.warnings) log_warning(items[row].path.string() + ": " + warning);
        file_.put(row, line(row, image.embedding));
        progress_.update(static_cast<int64_t>(row) + 1);
      },
      [&](size_t row, const Error& error) { fail(row, error); });
}

void InputRows::put(size_t row, const std::function<std::string()>& line) {
  if (!file_.done(row)) {
    try {
      file_.put(row, line());
    } catch (const Error& e) {
      return fail(row, e);
    }
  }
  progress_.update(static_cast<int64_t>(row) + 1);
}

void InputRows::fail(size_t row, const Error& error) {
  ++failed_;
  file_.put(row, "{\"input\":" + json_text(names_[row]) + ",\"error\":" + json_text(error.what()) + "}");
  progress_.update(static_cast<int64_t>(row) + 1);
}

EmbedRunConfig embed_run_config(const OptionValues& options) {
  return {
      .images = static_cast<int>(options.integer("--batch")), .threads = preparing_threads(backend_config(options))};
}

int exit_code_of(size_t failed, size_t rows, const std::vector<std::string>& inputs) {
  if (failed == 0) return static_cast<int>(ExitCode::kDone);
  log_error(std::to_string(failed) + " of " + std::to_string(rows) + " rows failed; they carry the error");
  const bool one_thing =
      rows == 1 && std::none_of(inputs.begin(), inputs.end(), [](const auto& i) { return is_many(i); });
  return static_cast<int>(one_thing ? ExitCode::kBadInput : ExitCode::kSomeRowsFailed);
}

std::unique_ptr<Embedder> load_embedder(const OptionValues& options) {
  return load_embedder(model_path(options), backend_config(options), options.text("--preprocess"));
}

std::vector<float> embed_item(Embedder& embedder, const ImageItem& item) {
  if (!item.trouble.empty()) throw Error(item.study_id, item.trouble);
  std::vector<std::string> warnings;
  std::vector<float> embedding = embed_image_file(embedder, item.path, &warnings);
  for (const std::string& warning : warnings) log_warning(item.path.string() + ": " + warning);
  return embedding;
}

std::string model_field(const Embedder& embedder, bool to_file) {
  Json model{{"name", embedder.info().name}};
  if (to_file) model["weights_sha256"] = embedder.weights_sha256();
  return "\"model\":" + model.dump();
}

std::string demo_fields(const Embedder& embedder, std::span<const float> embedding) {
  if (!embedder.info().demo) return "";
  const bool far = !embedding.empty() && embedder.far_from_training(embedding);
  return std::string(",\"demo\":true") + (far ? ",\"warning\":" + json_text(kDemoWarning) : "");
}

}  // namespace hilum
