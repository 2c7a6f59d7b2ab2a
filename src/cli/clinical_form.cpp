#include "cli/clinical_form.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <set>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "engine/annotate/stated_finding.h"
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
  return static_cast<int>(failed == all && all == 1 ? ExitCode::kBadInput : ExitCode::kSomeRowsFailed);
}

std::string bytes_of(const OptionValues& options, const Model& model, const StudyRequest& request,
    const ReportOptions& how, const std::string& weights_sha256) {
  if (!request.trouble.empty()) throw Error(request.study_id, request.trouble);
  const ClinicalForm form(options, request);
  Report report = write_report(model, request, how).report;
  report.weights_sha256 = weights_sha256;
  return form.write(report);
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
      references_(read_study_references(request)) {
  if (format_ == "dicom-sr") check_sr_request(request, references_);
}

std::string ClinicalForm::write(const Report& report) const {
  const std::time_t now = std::time(nullptr);
  if (format_ == "fhir") return to_fhir_text(report, references_, {.issued_s = now, .coder = stated_finding});
  SrOptions options;
  options.comprehensive_3d = comprehensive_3d_;
  options.time_s = now;
  options.utc_offset_minutes = local_utc_offset_minutes(now);
  options.coder = stated_finding;
  return to_dicom_sr(report, references_, options);
}

std::string sr_file_name(const std::string& study_id) {
  fs::path id(study_id);
  if (id.extension() == ".dcm" || id.extension() == ".dicom") id.replace_extension();
  std::string name = id.string().substr(0, 200);
  for (char& c : name)
    if (!is_ascii_alnum(c) && c != '.' && c != '-' && c != '_') c = '_';
  return (name.empty() ? "study" : name) + ".sr.dcm";
}

int run_many_clinical(const OptionValues& options, const Model& model, const std::vector<StudyRequest>& requests,
    const ReportOptions& how) {
  check(!options.maybe("--overlay"), "--overlay", "is for one image", "Run it on a single image.");
  const std::string weights_sha256 = model.weights_sha256();
  const bool fhir = options.text("--format") == "fhir", resume = options.flag("--resume");
  check(!fhir || !resume, "--resume", "does not go on with FHIR rows", "Leave it out, or write --format json.");
  Progress progress("report", static_cast<int64_t>(requests.size()), "studies");
  size_t failed = 0;
  if (fhir) {
    std::vector<std::string> ids;
    for (const StudyRequest& request : requests) ids.push_back(request.study_id);
    PredictionsFile rows(options.text("-o"), ids, false, "study_id", weights_sha256);
    for (size_t row = 0; row < requests.size(); ++row) {
      try {
        rows.put(row, line_of(Json::parse(bytes_of(options, model, requests[row], how, weights_sha256))));
      } catch (const Error& e) {
        ++failed;
        rows.put(row, line_of(fhir_error(requests[row].study_id + ": " + e.what())));
      }
      progress.update(static_cast<int64_t>(row) + 1);
    }
    rows.finish();
    return exit_code(failed, requests.size(), "rows");
  }
  const fs::path folder = options.text("-o");
  check(!fs::exists(folder) || fs::is_directory(folder), "-o", folder.string() + " is a file",
      "Name a folder: a run over many studies writes a file a study.");
  std::set<std::string> names;
  for (size_t row = 0; row < requests.size(); ++row) {
    const StudyRequest& request = requests[row];
    std::string name = sr_file_name(request.study_id);
    if (names.contains(name))
      name.insert(0, std::to_string(row + 1) + "-");  // two ids that differ in other characters alone
    names.insert(name);
    const fs::path file = folder / name;
    Json line = {{"study_id", request.study_id}};
    try {
      if (!resume || !fs::exists(file)) write_file(file, bytes_of(options, model, request, how, weights_sha256));
      line["file"] = file.string();
    } catch (const Error& e) {
      ++failed;
      line["error"] = e.what();
    }
    std::puts(line_of(line).c_str());
    std::fflush(stdout);
    progress.update(static_cast<int64_t>(row) + 1);
  }
  return exit_code(failed, requests.size(), "lines");
}

}  // namespace hilum
