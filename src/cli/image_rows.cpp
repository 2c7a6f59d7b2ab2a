#include "cli/image_rows.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/progress.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "report/report.h"

namespace hilum {

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

size_t run_rows(PredictionsFile& file, const std::vector<InputRow>& rows, const std::string& title) {
  if (file.kept() > 0)
    log_info(
        "resuming: " + std::to_string(file.kept()) + " of " + std::to_string(rows.size()) + " rows are already done");
  Progress progress(title, static_cast<int64_t>(rows.size()), "rows");
  size_t failed = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!file.done(i)) {
      try {
        file.put(i, rows[i].line());
      } catch (const Error& e) {
        ++failed;
        file.put(i, "{\"input\":" + json_text(rows[i].input) + ",\"error\":" + json_text(e.what()) + "}");
      }
    }
    progress.update(static_cast<int64_t>(i) + 1);
  }
  return failed;
}

int exit_code_of(size_t failed, size_t rows) {
  if (failed == 0) return static_cast<int>(ExitCode::kDone);
  log_error(std::to_string(failed) + " of " + std::to_string(rows) + " rows failed; they carry the error");
  return static_cast<int>(failed == rows && rows == 1 ? ExitCode::kBadInput : ExitCode::kSomeRowsFailed);
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
