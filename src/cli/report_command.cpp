#include <algorithm>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/clinical_form.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/report_run.h"
#include "data/study.h"

namespace hilum {
namespace {

RequestDefaults defaults_from(const OptionValues& options) {
  const std::vector<std::string> without = options.all("--without");
  const auto left_out = [&](const char* view) {
    return std::find(without.begin(), without.end(), view) != without.end();
  };
  return {.indication = section(options, "--indication"),
      .technique = section(options, "--technique"),
      .comparison = section(options, "--comparison"),
      .prior_report = section(options, "--prior-report"),
      .without_lateral = left_out("lateral"),
      .without_prior = left_out("prior")};
}

// The findings of the manifest's study whose frontal is this image.
std::vector<Finding> truth_for(const fs::path& manifest, const fs::path& image) {
  std::error_code ignored;
  for (const Study& study : read_studies(manifest))
    if (study.image("frontal") && fs::equivalent(study.image("frontal")->path, image, ignored)) return study.findings;
  throw Error(
      manifest.string(), "has no study whose frontal is " + image.string(), "Name the manifest the image belongs to.");
}

}  // namespace

int run_report(const OptionValues& options) {
  set_up_from(options);
  const fs::path input = options.text("INPUT");
  const std::string format = options.text("--format");
  std::vector<StudyRequest> requests = read_requests(input, defaults_from(options));
  const bool many = is_many(input);
  if (many)
    check(!options.maybe("--lateral") && !options.maybe("--prior") && !options.maybe("--truth"), "hilum report",
        "--lateral, --prior and --truth are for a single image", "A manifest names the images of each study.");
  else check(!options.flag("--complete"), "--complete", "needs a manifest with findings", "Name a STUDIES.jsonl.");
  const auto model = Model::load(model_path(options), backend_config(options), lora_path(options));
  log_ready(options, *model);
  if (is_clinical_form(format)) check_clinical_form(options, *model, many);
  ReportOptions how =
      report_options(options, model->preset(), options.maybe("--task").value_or(model->preset().default_task));
  how.strict = options.flag("--strict");
  how.complete = options.flag("--complete");
  if (many)
    return is_clinical_form(format) ? run_many_clinical(options, *model, requests, how)
                                    : run_many(options, *model, requests, how);
  StudyRequest& request = requests.front();
  request.lateral = fs::path(options.text("--lateral"));
  request.prior = fs::path(options.text("--prior"));
  std::vector<Finding> truth;
  if (const auto manifest = options.maybe("--truth")) truth = truth_for(*manifest, request.frontal.path());
  return run_single(options, *model, request, how, options.maybe("--truth") ? &truth : nullptr);
}

int run_ground(const OptionValues& options) {
  set_up_from(options);
  const fs::path input = options.text("INPUT");
  const bool complete = options.flag("--complete");
  const auto phrase = section(options, "--phrase");
  check(
      complete || (phrase && !is_blank(*phrase)), "hilum ground", "needs --phrase TEXT, or --complete with a manifest");
  check(!(complete && phrase), "hilum ground", "takes --phrase or --complete, not both");
  std::vector<StudyRequest> requests = read_requests(input, {});
  if (complete) check(is_many(input), "--complete", "needs a manifest with findings", "Name a STUDIES.jsonl.");
  else check(!is_many(input), "--phrase", "is for one image", "Use --complete to locate a manifest's own sentences.");
  const auto model = Model::load(model_path(options), backend_config(options), lora_path(options));
  log_ready(options, *model);
  ReportOptions how = report_options(options, model->preset(), complete ? "grounded" : "phrase");
  how.complete = complete;
  if (complete) return run_many(options, *model, requests, how);
  how.phrase = *phrase;
  return run_single(options, *model, requests.front(), how);
}

}  // namespace hilum
