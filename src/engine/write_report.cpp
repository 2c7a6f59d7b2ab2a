// How a report is made, top to bottom: decode -> preprocess -> prompt -> encode, prefill, generate -> parse -> geometry.
#include "engine/write_report.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "base/version.h"
#include "engine/answer_text.h"
#include "engine/box_guide.h"
#include "engine/forced_sentences.h"
#include "engine/label_answer.h"
#include "engine/prompt_tokens.h"
#include "engine/study_views.h"
#include "image/geometry.h"
#include "text/stream_decoder.h"

namespace hilum {
namespace {

using Clock = std::chrono::steady_clock;
double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

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

WrittenReport write_report(const Model& model, const StudyRequest& request, const ReportOptions& options) {
  if (!request.trouble.empty()) throw Error(request.study_id, request.trouble);
  const PresetTask& task = task_of(model.preset(), options.task);
  WrittenReport written;
  Report& report = written.report;
  report.study_id = request.study_id;
  report.model_name = model.preset().name;
  report.version = kVersion;
  report.demo = model.preset().demo;
  report.load_ms = model.load_ms();
  report.task = options.task;
  report.seed = options.sampling.seed;
  report.sampling = sampling_text(options.sampling);

  // file bytes -> pixels
  const auto decode_start = Clock::now();
  std::vector<StudyView> views = read_views(model, request, options.allow_mismatch, report.warnings);
  report.decode_ms = ms_since(decode_start);
  const StudyView& frontal = views.front();
  report.image_width = frontal.decoded.pixels.width;
  report.image_height = frontal.decoded.pixels.height;
  report.used = frontal.model_input.used;
  report.steps = frontal.decoded.steps;
  report.steps.insert(report.steps.end(), frontal.model_input.steps.begin(), frontal.model_input.steps.end());

  // sections -> prompt ids
  const bool frontal_only = !task.images_only.empty();
  PromptInputs inputs{.lateral = !request.lateral.empty() && !frontal_only, .prior = !request.prior.empty() && !frontal_only,
                      .indication = request.indication, .technique = request.technique, .comparison = request.comparison,
                      .prior_report = request.prior_report, .phrase = options.phrase};
  if (request.prior_report && !inputs.prior)
    report.warnings.push_back("the prior report was not used: the model reads one only together with the prior image");
  const int64_t features = model.network().image_tokens();
  const PromptTokens prompt = prompt_tokens(model.preset(), options.task, inputs, model.tokenizer(), model.network().config().image_token, features);
  report.prompt_tokens = static_cast<int>(prompt.ids.size());
  report.image_tokens = prompt.image_tokens;

  // pixels -> features; the demo model says when they are unlike its phantoms'
  const auto image_start = Clock::now();
  const Tensor image_features = model.network().encode_images(model.ops(), stack_pixels(views, prompt.views, options.blank_image));  // [N, P, D]
  report.far_from_phantoms = far_from_phantoms(model, image_features);
  report.image_ms = ms_since(image_start);

  // prefill and decode
  GenerateRequest generation{.prompt = prompt.ids, .image_features = image_features,
                             .max_new_tokens = options.max_new_tokens > 0 ? options.max_new_tokens : task.max_new_tokens,
                             .sampling = options.sampling, .stop_ids = {model.token_id(model.preset().grammar.stop)}};
  if (task.output == "grounded" && model.preset().grammar.guide) generation.guide = guide_boxes(model);
  if (options.complete) generation.guide = force_sentences(model, request.reference, generation.max_new_tokens);
  AnswerStream stream(model.preset(), model.tokenizer());
  if (task.output != "grounded")
    generation.on_token = [&](std::span<const int32_t> ids) {
      stream.push(ids.back());
      return stream.ended();
    };
  const int limit = generation.max_new_tokens;
  check_context(model.network(), static_cast<int64_t>(prompt.ids.size()), limit);
  const auto prefill_start = Clock::now();
  Generator generator(model.ops(), model.network(), /*slots=*/1, static_cast<int64_t>(prompt.ids.size()) + limit);
  written.cache_bytes = generator.cache_bytes();
  const int64_t sequence = generator.add(std::move(generation));
  report.prefill_ms = ms_since(prefill_start);
  const auto generate_start = Clock::now();
  while (generator.num_running() > 0) generator.step();
  const Generation answer = generator.take(sequence);
  report.generate_ms = ms_since(generate_start);
  report.completion_tokens = static_cast<int>(answer.ids.size());
  report.finish = answer.finish == Finish::kLength ? "length" : "stop";
  if (answer.finish == Finish::kLength)
    report.warnings.push_back("the report is incomplete: it reached the limit of " + std::to_string(limit) + " tokens");

  // ids -> sentences and boxes in the crop frame
  const DecodedAnswer decoded = decode_answer(model.tokenizer(), answer.ids);
  if (task.output == "grounded") {
    GroundedText parsed = parse_grounded(decoded.text, options.strict ? Mode::kStrict : Mode::kLenient, model.grammar());
    for (size_t i = 0; i < parsed.findings.size(); ++i)
      parsed.findings[i].token_probability = span_probability(decoded, answer.log_probs, parsed.spans[i]);
    for (std::string& warning : parsed.warnings) report.warnings.push_back(std::move(warning));
    if (parsed.plain) report.report = *parsed.plain;
    written.findings_in_crop = std::move(parsed.findings);
  } else {
    stream.finish();
    report.report = stream.shown_text();
    if (task.output == "labels") report.labels = labels_in_answer(*report.report, report.warnings);
  }

  // crop frame -> the original
  report.findings = written.findings_in_crop;
  for (Finding& finding : report.findings)
    if (finding.boxes)
      for (BoxNorm& box : *finding.boxes) box = box_to_original(box, frontal.model_input.geometry);
  written.frontal = std::move(views.front().decoded.pixels);
  return written;
}

}  // namespace hilum
