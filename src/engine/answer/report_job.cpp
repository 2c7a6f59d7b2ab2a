#include "engine/answer/report_job.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "base/version.h"
#include "engine/answer/box_constraint.h"
#include "engine/answer/forced_sentences.h"
#include "engine/answer/label_answer.h"
#include "report/readable_text.h"

namespace hilum {
namespace {

// Text of an answer with the byte where each token's text ends.
struct DecodedAnswer {
  std::string text;
  std::vector<size_t> token_end;
};

DecodedAnswer decode_answer(const Tokenizer& tokenizer, std::span<const int32_t> ids) {
  DecodedAnswer answer;
  StreamDecoder decoder(tokenizer, /*skip_special=*/true);
  for (const int32_t id : ids) {
    answer.text += decoder.push(id);
    answer.token_end.push_back(answer.text.size());
  }
  answer.text += decoder.finish();
  return answer;
}

// exp of the mean log-probability of the tokens that end inside the span.
double span_probability(const DecodedAnswer& answer, std::span<const float> log_probs, const TextSpan& span) {
  double sum = 0;
  int count = 0;
  for (size_t i = 0; i < answer.token_end.size(); ++i) {
    if (answer.token_end[i] <= span.begin || answer.token_end[i] > span.end) continue;
    sum += log_probs[i];
    ++count;
  }
  return count ? std::exp(sum / count) : 0;
}

std::string sampling_text(const Sampling& sampling) {
  if (sampling.temperature == 0) return "greedy";
  return fmt::format("temperature {} top-p {} top-k {}", sampling.temperature, sampling.top_p, sampling.top_k);
}

}  // namespace

ReportJob::ReportJob(const Model& model, StudyRequest request, ReportOptions options, ReportListener listener)
    : model_(model),
      request_(std::move(request)),
      options_(std::move(options)),
      listener_(std::move(listener)),
      task_(task_of(model.preset(), options_.task)),
      stream_(model.preset(), model.tokenizer()),
      decoder_(model.tokenizer(), /*skip_special=*/true) {
  if (!request_.trouble.empty()) throw Error(request_.study_id, request_.trouble);
  check_sampling(options_.sampling);
  Report& report = written_.report;
  report.study_id = request_.study_id;
  report.model_name = model.preset().name;
  report.version = kVersion;
  report.demo = model.preset().demo;
  report.load_ms = model.load_ms();
  report.task = options_.task;
  report.seed = options_.sampling.seed;
  report.sampling = sampling_text(options_.sampling);

  // file bytes -> pixels
  const auto decode_start = std::chrono::steady_clock::now();
  views_ = read_views(model, request_, options_.allow_mismatch, report.warnings);
  report.decode_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - decode_start).count();
  const StudyView& frontal = views_.front();
  report.image_width = frontal.decoded.pixels.width;
  report.image_height = frontal.decoded.pixels.height;
  report.used = frontal.model_input.used;
  report.steps = frontal.decoded.steps;
  report.steps.insert(report.steps.end(), frontal.model_input.steps.begin(), frontal.model_input.steps.end());

  // sections -> prompt ids
  PromptInputs inputs = prompt_inputs(request_);
  inputs.phrase = options_.phrase;
  if (request_.prior_report && (!inputs.prior || !task_.images_only.empty()))
    report.warnings.push_back("the prior report was not used: the model reads one only together with the prior image");
  prompt_ = hilum::prompt_tokens(model.preset(), options_.task, inputs, model.tokenizer(),
      model.network().config().image_token, model.network().image_tokens());
  report.prompt_tokens = static_cast<int>(prompt_.ids.size());
  report.image_tokens = prompt_.image_tokens;
  pixels_ = stack_pixels(views_, prompt_.views, options_.blank_image);
  limit_ = options_.max_new_tokens > 0 ? options_.max_new_tokens : task_.max_new_tokens;
  if (task_.form == AnswerForm::kGrounded && model.preset().constrain_boxes) constraint_ = constrain_boxes(model);
  if (options_.complete) constraint_ = force_sentences(model, request_.reference, limit_);
}

GenerateRequest ReportJob::generation(const Tensor& features) {
  written_.report.far_from_phantoms = far_from_phantoms(model_, features);
  GenerateRequest request{.prompt = prompt_.ids,
      .image_features = features,
      .max_new_tokens = limit_,
      .sampling = options_.sampling,
      .stop_ids = {model_.token_id(model_.preset().stop_token)},
      .constraint = constraint_};
  if (task_.form != AnswerForm::kGrounded || listener_.text || listener_.finding || listener_.gone)
    request.on_token = [this](std::span<const int32_t> ids) { return heard(ids); };
  check_context(model_.network(), prompt_tokens(), limit_);
  return request;
}

bool ReportJob::heard(std::span<const int32_t> ids) {
  for (; read_ < ids.size(); ++read_) {
    if (task_.form != AnswerForm::kGrounded) {
      const std::string piece = stream_.push(ids[read_]);
      if (listener_.text && !piece.empty()) listener_.text(piece);
      if (stream_.ended()) return true;
    } else {
      grounded_ += decoder_.push(ids[read_]);
    }
  }
  if (task_.form == AnswerForm::kGrounded && (listener_.text || listener_.finding)) {
    const std::string readable = readable_text(grounded_, model_.preset().grammar);
    if (listener_.text && readable.size() > told_text_) listener_.text(std::string_view(readable).substr(told_text_));
    told_text_ = readable.size();
    const bool closed = grounded_.ends_with(model_.preset().grammar.finding_close);
    if (listener_.finding && closed) {
      const GroundedText parsed = parse_grounded(grounded_, Mode::kLenient, model_.preset().grammar);
      for (; told_findings_ < parsed.findings.size(); ++told_findings_)
        listener_.finding(to_original(parsed.findings[told_findings_], geometry()));
    }
  }
  return listener_.gone && listener_.gone();
}

WrittenReport ReportJob::finish(const Generation& answer) {
  Report& report = written_.report;
  report.completion_tokens = static_cast<int>(answer.ids.size());
  report.finish = answer.finish;
  if (answer.finish == Finish::kLength)
    report.warnings.push_back(
        "the report is incomplete: it reached the limit of " + std::to_string(limit_) + " tokens");
  if (task_.form == AnswerForm::kGrounded) {
    const DecodedAnswer decoded = decode_answer(model_.tokenizer(), answer.ids);
    GroundedText parsed =
        parse_grounded(decoded.text, options_.strict ? Mode::kStrict : Mode::kLenient, model_.preset().grammar);
    for (size_t i = 0; i < parsed.findings.size(); ++i)
      parsed.findings[i].token_probability = span_probability(decoded, answer.log_probs, parsed.spans[i]);
    for (std::string& warning : parsed.warnings) report.warnings.push_back(std::move(warning));
    if (parsed.plain) report.report = *parsed.plain;
    written_.findings_in_crop = std::move(parsed.findings);
  } else {
    const std::string rest = stream_.finish();
    if (listener_.text && !rest.empty()) listener_.text(rest);
    report.report = stream_.shown_text();
    if (task_.form == AnswerForm::kLabels) report.labels = labels_in_answer(*report.report, report.warnings);
  }
  for (const CropFinding& finding : written_.findings_in_crop)
    report.findings.push_back(to_original(finding, geometry()));
  written_.frontal = std::move(views_.front().decoded.pixels);
  return std::move(written_);
}

}  // namespace hilum
