#include "engine/answer/report_job.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/version.h"
#include "engine/annotate/asked_phrase.h"
#include "engine/answer/forced_sentences.h"
#include "engine/answer/label_answer.h"
#include "report/whitespace.h"

namespace hilum {
namespace {

std::string sampling_text(const Sampling& sampling) {
  if (sampling.temperature == 0) return "greedy";
  return fmt::format("temperature {} top-p {} top-k {}", sampling.temperature, sampling.top_p, sampling.top_k);
}

// Whether the task's prompt asks where a phrase is seen.
bool locates_phrase(const Model& model, const std::string& task) {
  return task_of(model.preset(), task).text.find("{phrase}") != std::string::npos;
}

}  // namespace

AnswerRequest report_request(const Model& model, const StudyRequest& study, const ReportOptions& options) {
  AnswerRequest asked{.task = options.task,
      .form = task_of(model.preset(), options.task).form,
      .inputs = prompt_inputs(study),
      .max_new_tokens = options.max_new_tokens,
      .sampling = options.sampling};
  asked.inputs.phrase = options.phrase;
  if (options.complete) {
    asked.constraint = force_sentences(model, study.reference, asked.max_new_tokens);
  } else if (locates_phrase(model, options.task)) {
    check(!trim(options.phrase).empty(), "task phrase", "locates a phrase, and none is given",
        "Name one: hilum ground --phrase TEXT, or \"phrase\" of /v1/grounding.");
    asked.constraint = force_sentences(model, {{.text = options.phrase}}, asked.max_new_tokens);
  }
  return asked;
}

ReportJob::ReportJob(const Model& model, const StudyRequest& study, ReportOptions options, ReportListener listener)
    : listener_(std::move(listener)),
      options_(std::move(options)),
      form_(task_of(model.preset(), options_.task).form),
      answer_{model,  // braces: the images are read before the request is made
          read_images(
              model, study, options_.task, {.allow_mismatch = options_.allow_mismatch, .blank = options_.blank_image}),
          report_request(model, study, options_), listener_in_crop()} {
  Report& report = written_.report;
  report.study_id = study.study_id;
  report.model_name = model.preset().name;
  report.version = kVersion;
  report.demo = model.preset().demo;
  report.load_ms = model.load_ms();
  report.task = options_.task;
  report.seed = options_.sampling.seed;
  report.sampling = sampling_text(options_.sampling);

  const StudyImages& images = answer_.images();
  const StudyView& frontal = images.views.front();
  report.decode_ms = images.decode_ms;
  report.warnings = images.warnings;
  report.image_width = frontal.decoded.pixels.width;
  report.image_height = frontal.decoded.pixels.height;
  report.used = frontal.model_input.used;
  report.steps = frontal.decoded.steps;
  report.steps.insert(report.steps.end(), frontal.model_input.steps.begin(), frontal.model_input.steps.end());
  if (study.prior_report && (study.prior.empty() || !task_of(model.preset(), options_.task).images_only.empty()))
    report.warnings.push_back("the prior report was not used: the model reads one only together with the prior image");
  if (!options_.phrase.empty())
    for (std::string& doubt : doubts_of_phrase(options_.phrase)) report.warnings.push_back(std::move(doubt));
  report.prompt_tokens = static_cast<int>(answer_.prompt_tokens());
  report.image_tokens = answer_.image_tokens();
}

AnswerListener ReportJob::listener_in_crop() {
  AnswerListener listener{.text = listener_.text, .gone = listener_.gone};
  if (listener_.finding)
    listener.finding = [this](const CropFinding& finding) { listener_.finding(to_original(finding, geometry())); };
  return listener;
}

WrittenReport ReportJob::finish(Generation generation) {
  AnswerResult answer = answer_.finish(std::move(generation), options_.strict ? Mode::kStrict : Mode::kLenient);
  Report& report = written_.report;
  report.far_from_phantoms = answer_.far_from_phantoms();
  report.completion_tokens = static_cast<int>(answer.generation.ids.size());
  report.finish = answer.finish;
  if (answer.finish == Finish::kLength)
    report.warnings.push_back(
        "the report is incomplete: it reached the limit of " + std::to_string(max_new_tokens()) + " tokens");
  if (form_ == AnswerForm::kGrounded) {
    for (std::string& warning : answer.grounded.warnings) report.warnings.push_back(std::move(warning));
    report.report = std::move(answer.grounded.plain);
    written_.findings_in_crop = std::move(answer.grounded.findings);
    for (const CropFinding& finding : written_.findings_in_crop)
      report.findings.push_back(to_original(finding, geometry()));
    if (!options_.phrase.empty())
      for (std::string& doubt : doubts_of_sides(options_.phrase, report)) report.warnings.push_back(std::move(doubt));
  } else {
    report.report = std::move(answer.text);
    if (form_ == AnswerForm::kLabels) report.labels = labels_in_answer(*report.report, report.warnings);
  }
  written_.frontal = std::move(answer_.images().views.front().decoded.pixels);
  return std::move(written_);
}

}  // namespace hilum
