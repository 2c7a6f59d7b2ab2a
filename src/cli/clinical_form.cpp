#include "cli/clinical_form.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <numeric>
#include <set>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "engine/annotate/stated_finding.h"
#include "engine/batch/finished_report.h"
#include "engine/batch/run_jobs.h"
#include "engine/predictions.h"
#include "engine/study_references.h"
#include "report/dicom_sr.h"
#include "report/fhir.h"

namespace hilum {
namespace {

int local_utc_offset_minutes(std::time_t now) {
  std::tm local{};
  localtime_r(&now, &local);
  return static_cast<int>(local.tm_gmtoff / 60);
}

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

int exit_code(size_t failed, size_t all, const char* where) {
  if (failed == 0) return static_cast<int>(ExitCode::kDone);
  log_error(
      std::to_string(failed) + " of " + std::to_string(all) + " studies failed; their " + where + " carry the error");
  return static_cast<int>(ExitCode::kSomeRowsFailed);
}

// A report on its way, with the form it will be written in.
struct ClinicalJob {
  ClinicalForm form;  // first: what cannot be written so is not worked on
  ReportJob report;

  ClinicalJob(const OptionValues& options, const Model& model, const StudyRequest& request, const ReportOptions& how)
      : form(options, request), report(model, request, how) {}

  const Tensor& pixels() const { return report.pixels(); }
  int64_t prompt_tokens() const { return report.prompt_tokens(); }
  int max_new_tokens() const { return report.max_new_tokens(); }
  GenerateRequest generation(const Tensor& features) { return report.generation(features); }
};

// The rows' reports through the model; told(row, bytes of the form) and failed(row, error) in row order.
void run_clinical(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    std::span<const size_t> rows, const ReportOptions& how,
    const std::function<void(size_t row, const ClinicalBytes& bytes)>& told,
    const std::function<void(size_t row, const Error& error)>& failed) {
  const std::string weights_sha256 = model.weights_sha256();
  run_jobs<ClinicalJob>(
      model, run_config(options, model, requests, how, rows.size()), rows,
      [&](size_t row) {
        const StudyRequest& request = requests[row];
        if (!request.trouble.empty()) throw Error(request.study_id, request.trouble);
        return std::make_unique<ClinicalJob>(options, model, request, how);
      },
      [&](size_t row, ClinicalJob& job, GenerationOutcome outcome) {
        Report report = finished_report(job.report, outcome).report;
        report.weights_sha256 = weights_sha256;
        told(row, job.form.write(report));
      },
      failed);
}

}  // namespace

bool is_clinical_form(const std::string& format) { return format == "fhir" || format == "dicom-sr"; }

void check_clinical_form(const OptionValues& options, const Model& model, bool many) {
  const std::string format = options.text("--format");
  if (model.preset().demo && !options.flag("--allow-demo"))
    throw Error("--format " + format, "the demo model knows phantoms only and does not write clinical forms",
        "Use --format json, or --allow-demo to try the form; the result says what it is.");
  if (format != "dicom-sr") return;
  if (many)
    check(options.maybe("-o").has_value(), "--format dicom-sr", "a run over many studies writes a file a study",
        "Name a folder for them with -o DIR.");
  else
    check(options.maybe("-o") || !isatty(STDOUT_FILENO), "--format dicom-sr",
        "the result is binary, and stdout is a terminal", "Name a file with -o FILE.");
}

ClinicalForm::ClinicalForm(const OptionValues& options, const StudyRequest& request)
    : format_(options.text("--format")),
      comprehensive_3d_(options.text("--sr-class") == "comprehensive-3d"),
      layout_(options.text("--sr-layout") == "groups" ? SrLayout::kGroups : SrLayout::kViewer),
      references_(read_study_references(request)) {
  if (format_ == "dicom-sr") check_sr_request(request, references_);
}

ClinicalBytes ClinicalForm::write(const Report& report) const {
  const std::time_t now = std::time(nullptr);
  if (format_ == "fhir") return {to_fhir_text(report, references_, {.issued_s = now, .coder = stated_finding}), ""};
  SrOptions options;
  options.comprehensive_3d = comprehensive_3d_;
  options.layout = layout_;
  options.time_s = now;
  options.utc_offset_minutes = local_utc_offset_minutes(now);
  options.coder = stated_finding;
  SrDocuments documents = to_dicom_srs(report, references_, options);
  return {std::move(documents.first), std::move(documents.text)};
}

namespace {

// The second document to its file; where there is none, the one of an earlier run goes, which would belong to nothing.
void write_beside(const fs::path& file, const std::string& bytes) {
  if (!bytes.empty()) return write_file(file, bytes);
  std::error_code ignored;
  fs::remove(file, ignored);
}

}  // namespace

fs::path text_file_beside(const fs::path& file) {
  fs::path beside = file;
  beside.replace_extension();
  beside += ".text" + file.extension().string();
  return beside;
}

void write_clinical(const OptionValues& options, const ClinicalBytes& bytes) {
  const bool fhir = options.text("--format") == "fhir";
  write_result(options, bytes.main + (fhir ? "\n" : ""));
  if (fhir) return;
  if (const auto file = options.maybe("-o")) write_beside(text_file_beside(*file), bytes.beside);
  else if (!bytes.beside.empty())
    log_warning("the narrative document beside this one was not written: name a file with -o FILE for both");
}

std::string sr_file_name(const std::string& study_id) {
  fs::path id(study_id);
  if (id.extension() == ".dcm" || id.extension() == ".dicom") id.replace_extension();
  std::string name = id.string().substr(0, 200);
  for (char& c : name)
    if (!is_ascii_alnum(c) && c != '.' && c != '-' && c != '_') c = '_';
  return (name.empty() ? "study" : name) + ".sr.dcm";
}

namespace {

int run_many_fhir(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how) {
  check(
      !options.flag("--resume"), "--resume", "does not go on with FHIR rows", "Leave it out, or write --format json.");
  std::vector<std::string> ids;
  for (const StudyRequest& request : requests) ids.push_back(request.study_id);
  PredictionsFile rows(options.text("-o"), ids, false, "study_id", model.weights_sha256());
  std::vector<size_t> all(requests.size());
  std::iota(all.begin(), all.end(), 0);
  Progress progress("report", static_cast<int64_t>(requests.size()), "studies");
  size_t failed = 0;
  run_clinical(
      options, model, requests, all, how,
      [&](size_t row, const ClinicalBytes& bytes) {
        rows.put(row, line_of(Json::parse(bytes.main)));
        progress.update(static_cast<int64_t>(row) + 1);
      },
      [&](size_t row, const Error& error) {
        ++failed;
        rows.put(row, line_of(fhir_error(requests[row].study_id + ": " + error.what())));
        progress.update(static_cast<int64_t>(row) + 1);
      });
  rows.finish();
  return exit_code(failed, requests.size(), "rows");
}

// Each row's file in the folder.
std::vector<fs::path> sr_files(const fs::path& folder, const std::vector<StudyRequest>& requests) {
  std::vector<fs::path> files;
  std::set<std::string> names;
  for (size_t row = 0; row < requests.size(); ++row) {
    std::string name = sr_file_name(requests[row].study_id);
    if (names.contains(name))
      name.insert(0, std::to_string(row + 1) + "-");  // two ids that differ in other characters alone
    names.insert(name);
    files.push_back(folder / name);
  }
  return files;
}

int run_many_sr(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how) {
  const fs::path folder = options.text("-o");
  check(!fs::exists(folder) || fs::is_directory(folder), "-o", folder.string() + " is a file",
      "Name a folder: a run over many studies writes a file a study.");
  const std::vector<fs::path> files = sr_files(folder, requests);
  std::vector<size_t> left;
  for (size_t row = 0; row < requests.size(); ++row)
    if (!options.flag("--resume") || !fs::exists(files[row])) left.push_back(row);
  Progress progress("report", static_cast<int64_t>(requests.size()), "studies");
  size_t said = 0, failed = 0;
  const auto say = [&](const char* field, const std::string& value) {
    Json line{{"study_id", requests[said].study_id}, {field, value}};
    if (const fs::path beside = text_file_beside(value); field == std::string("file") && fs::exists(beside))
      line["text_file"] = beside.string();
    std::puts(line_of(line).c_str());
    std::fflush(stdout);
    progress.update(static_cast<int64_t>(++said));
  };
  const auto say_those_before = [&](size_t row) {  // they were there already
    while (said < row) say("file", files[said].string());
  };
  run_clinical(
      options, model, requests, left, how,
      [&](size_t row, const ClinicalBytes& bytes) {
        write_beside(
            text_file_beside(files[row]), bytes.beside);  // first: --resume takes a study with its file for done
        write_file(files[row], bytes.main);
        say_those_before(row);
        say("file", files[row].string());
      },
      [&](size_t row, const Error& error) {
        say_those_before(row);
        ++failed;
        say("error", error.what());
      });
  say_those_before(requests.size());
  return exit_code(failed, requests.size(), "lines");
}

}  // namespace

int run_many_clinical(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how) {
  check(!options.maybe("--overlay"), "--overlay", "is for one image", "Run it on a single image.");
  return options.text("--format") == "fhir" ? run_many_fhir(options, model, requests, how)
                                            : run_many_sr(options, model, requests, how);
}

}  // namespace hilum
