#include "cli/report_run.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/progress.h"
#include "cli/clinical_form.h"
#include "cli/common.h"
#include "engine/batch/finished_report.h"
#include "engine/predictions.h"
#include "image/encode.h"
#include "report/json.h"
#include "report/overlay.h"

namespace hilum {

BackendConfig backend_config(const OptionValues& options) {
  return {.threads = static_cast<int>(options.integer("--threads")), .device = options.text("--device")};
}

std::optional<std::string> section(const OptionValues& options, const char* name) {
  const auto given = options.maybe(name);
  if (!given) return std::nullopt;
  return text_or_file(*given);
}

ReportOptions report_options(const OptionValues& options, const Preset& preset, const std::string& task) {
  ReportOptions out;
  out.task = task;
  out.max_new_tokens = static_cast<int>(options.integer("--max-new-tokens"));
  out.sampling = {.temperature = static_cast<float>(options.real("--temperature")),
      .top_p = static_cast<float>(options.real("--top-p")),
      .top_k = static_cast<int>(options.integer("--top-k")),
      .seed = static_cast<uint64_t>(options.integer("--seed"))};
  if (options.flag("--published-sampling")) {  // MAIRA-2 and the demo model are published greedy
    out.sampling.temperature = static_cast<float>(preset.sampling.temperature);
    out.sampling.top_p = static_cast<float>(preset.sampling.top_p);
    out.sampling.top_k = static_cast<int>(preset.sampling.top_k);
  }
  check_sampling(out.sampling);
  out.allow_mismatch = options.flag("--allow-mismatch");
  out.blank_image = options.flag("--blank-image");
  return out;
}

RunConfig run_config(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how, size_t rows) {
  constexpr int64_t kText = 512;  // of a prompt, or of an answer whose length its sentences decide: about
  int64_t images = 1, limit = how.max_new_tokens > 0 ? how.max_new_tokens : kText;
  for (const StudyRequest& request : requests)
    images = std::max<int64_t>(images, 1 + !request.lateral.empty() + !request.prior.empty());
  for (const PresetTask& task : model.preset().tasks)
    if (how.max_new_tokens == 0 && task.name == how.task) limit = task.max_new_tokens;
  const int64_t positions = images * model.network().image_tokens() + kText + limit;
  return {.sequences = sequences_for(model, static_cast<int>(options.integer("--batch")), rows, positions),
      .backend = backend_config(options)};
}

void log_ready(const OptionValues& options, const Model& model) {
  if (!options.flag("--verbose")) return;
  log_info(
      fmt::format("ready {:.2f} s after the program's start, {:.3f} s of it for the model: {} bytes of weights are "
                  "mapped, and read when first needed",
          seconds_since_start(), model.load_ms() / 1000, model.weight_bytes()));
}

void log_memory(const OptionValues& options, const Model& model, uint64_t cache_bytes, int64_t positions) {
  if (!options.flag("--verbose")) return;
  const DecoderConfig& language = model.network().config().language;
  const auto values = static_cast<uint64_t>(language.depth) * static_cast<uint64_t>(language.num_kv_heads) *
                      static_cast<uint64_t>(language.head_dim);  // of keys, and as many of values, a position
  const uint64_t used = static_cast<uint64_t>(positions) * 2 * values * sizeof(float);
  const ProcessMemory memory = process_memory();
  const auto mib = [](uint64_t bytes) { return static_cast<double>(bytes) / 1048576.0; };
  log_info(fmt::format("weights {:.0f} MiB + key/value cache {:.0f} MiB ({:.0f} MiB of it in use, {} positions)",
      mib(model.weight_bytes()), mib(cache_bytes), mib(used), positions));
  log_info(fmt::format(
      "memory {:.0f} MiB at its peak, {:.0f} MiB beyond weights and cache in use; now {:.0f} MiB of its own, {:.0f} "
      "MiB of mapped files",
      mib(memory.peak), mib(memory.peak) - mib(model.weight_bytes() + used), mib(memory.anonymous), mib(memory.file)));
}

int run_single(const OptionValues& options, const Model& model, const StudyRequest& request, const ReportOptions& how,
    const std::vector<Finding>* truth) {
  const std::string format = options.text("--format");
  std::optional<ClinicalForm> form;
  if (is_clinical_form(format)) form.emplace(options, request);  // before the work, so that it is not done for nothing
  WrittenReport written = write_report(model, request, how);
  log_memory(options, model, written.cache_bytes, written.report.prompt_tokens + written.report.completion_tokens);
  if (form) {
    written.report.weights_sha256 = model.weights_sha256();
    write_clinical(options, form->write(written.report));
  } else if (format == "json") {
    written.report.weights_sha256 = model.weights_sha256();
    write_result(options, to_json_text(written.report) + "\n");
  } else if (format == "azure") {
    if (written.report.demo)
      log_warning(
          std::string("X-Hilum-Demo: true (") + (written.report.far_from_phantoms ? kDemoWarning : kDemoNotice) + ")");
    write_result(options, to_azure(written.findings_in_crop) + "\n");
  } else {
    write_result(options, to_text(written.report));
  }
  if (const auto picture = options.maybe("--overlay"))
    write_png(*picture, draw_overlay(written.frontal, written.report, truth, {}));
  return static_cast<int>(ExitCode::kDone);
}

bool is_many(const fs::path& input) { return fs::is_directory(input) || input.extension() == ".jsonl"; }

namespace {

std::vector<std::string> ids_of(const std::vector<StudyRequest>& requests) {
  std::vector<std::string> ids;
  for (const StudyRequest& request : requests) ids.push_back(request.study_id);
  return ids;
}

}  // namespace

StudyRows::StudyRows(
    const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests, const char* what)
    : requests_(requests),
      weights_sha256_(model.weights_sha256()),
      file_(options.text("-o"), ids_of(requests), options.flag("--resume"), "study_id", weights_sha256_),
      progress_(what, static_cast<int64_t>(requests.size()), "studies") {
  if (file_.kept() > 0)
    log_info(fmt::format("resuming: {} of {} studies are already done", file_.kept(), requests.size()));
  for (size_t row = 0; row < requests.size(); ++row)
    if (!file_.done(row)) left_.push_back(row);
}

void StudyRows::put(size_t row, const std::string& line) {
  file_.put(row, line);
  progress_.update(static_cast<int64_t>(row) + 1);
}

void StudyRows::fail(size_t row, const Error& error) {
  ++failed_;
  put(row, Json{{"study_id", requests_[row].study_id}, {"error", error.what()}}.dump(
               -1, ' ', false, Json::error_handler_t::replace));
}

int StudyRows::done() {
  file_.finish();
  if (failed_ == 0) return static_cast<int>(ExitCode::kDone);
  log_error(fmt::format("{} of {} studies failed; their rows carry the error", failed_, requests_.size()));
  return static_cast<int>(ExitCode::kSomeRowsFailed);
}

int run_many(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how) {
  check(!options.maybe("--overlay"), "--overlay", "is for one image", "Run it on a single image.");
  const std::string format = options.text("--format");
  check(format == "json" || format == "text", "--format", "a run over many studies writes one JSON report a line",
      "Leave --format out, or give json.");
  StudyRows studies(options, model, requests, "report");
  run_jobs<ReportJob>(
      model, run_config(options, model, requests, how, studies.rows().size()), studies.rows(),
      [&](size_t row) { return std::make_unique<ReportJob>(model, requests[row], how); },
      [&](size_t row, ReportJob& job, GenerationOutcome outcome) {
        Report report = finished_report(job, outcome).report;
        report.weights_sha256 = studies.weights_sha256();
        studies.put(row, to_json_text(report, -1));
      },
      [&](size_t row, const Error& error) { studies.fail(row, error); });
  return studies.done();
}

}  // namespace hilum
