#include "engine/answer/drift.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/answer/box_constraint.h"
#include "engine/prompt_tokens.h"
#include "engine/study_views.h"

namespace hilum {
namespace {

struct Prompted {
  PromptTokens prompt;
  Tensor pixels;  // host [N, C, H, W]
};

Prompted prompted(const Model& model, const StudyRequest& request, const ReportOptions& options) {
  std::vector<std::string> warnings;
  const std::vector<StudyView> views = read_views(model, request, options.allow_mismatch, warnings);
  PromptInputs inputs = prompt_inputs(request);
  inputs.phrase = options.phrase;
  PromptTokens prompt = prompt_tokens(model.preset(), options.task, inputs, model.tokenizer(),
      model.network().config().image_token, model.network().image_tokens());
  Tensor pixels = stack_pixels(views, prompt.views, options.blank_image);
  return {std::move(prompt), std::move(pixels)};
}

std::vector<int32_t> answer_of(const Model& model, const Prompted& input, const ReportOptions& options) {
  const PresetTask& task = task_of(model.preset(), options.task);
  GenerateRequest generation{.prompt = input.prompt.ids,
      .pixel_values = input.pixels,
      .max_new_tokens = options.max_new_tokens > 0 ? options.max_new_tokens : task.max_new_tokens,
      .stop_ids = {model.token_id(model.preset().stop_token)}};
  if (task.form == AnswerForm::kGrounded && model.preset().constrain_boxes)
    generation.constraint = constrain_boxes(model);
  const int64_t capacity = static_cast<int64_t>(input.prompt.ids.size()) + generation.max_new_tokens;
  check_context(model.network(), static_cast<int64_t>(input.prompt.ids.size()), generation.max_new_tokens);
  Generator generator(model.ops(), model.network(), /*slots=*/1, capacity);
  const int64_t sequence = generator.add(std::move(generation));
  while (generator.num_running() > 0) generator.step();
  return generator.take(sequence).ids;
}

// Logits of the rows that predict each of the answer's tokens and its end, host [answer + 1, V].
Tensor answer_logits(const Model& model, const Prompted& input, const std::vector<int32_t>& answer) {
  std::vector<int32_t> ids = input.prompt.ids;
  ids.insert(ids.end(), answer.begin(), answer.end());
  VlmBatch batch = VlmBatch::single(std::move(ids), input.pixels);
  batch.logit_rows.erase(
      batch.logit_rows.begin(), batch.logit_rows.begin() + static_cast<std::ptrdiff_t>(input.prompt.ids.size()) - 1);
  return model.ops().to_host(model.network().logits(model.ops(), batch));
}

double log_sum_exp(const float* row, int64_t width) {
  const double highest = *std::max_element(row, row + width);
  double sum = 0;
  for (int64_t i = 0; i < width; ++i) sum += std::exp(row[i] - highest);
  return highest + std::log(sum);
}

}  // namespace

LogitDrift compare_logits(const Tensor& a, const Tensor& b) {
  check(a.shape() == b.shape() && a.shape().rank() == 2, "drift",
      "logits " + a.shape().text() + " beside " + b.shape().text(), "The two must be forms of one model.");
  const int64_t rows = a.shape()[0], width = a.shape()[1];
  LogitDrift drift;
  drift.tokens = rows;
  for (int64_t row = 0; row < rows; ++row) {
    const float *p = a.f32() + row * width, *q = b.f32() + row * width;
    const double log_p = log_sum_exp(p, width), log_q = log_sum_exp(q, width);
    double kl = 0;
    for (int64_t i = 0; i < width; ++i) kl += std::exp(p[i] - log_p) * ((p[i] - log_p) - (q[i] - log_q));
    kl = std::max(0.0, kl);  // rounding
    drift.kl += kl / static_cast<double>(rows);
    drift.largest_kl = std::max(drift.largest_kl, kl);
    drift.same_first += (std::max_element(p, p + width) - p == std::max_element(q, q + width) - q ? 1.0 : 0.0) /
                        static_cast<double>(rows);
  }
  return drift;
}

LogitDrift logit_drift(const Model& a, const Model& b, const StudyRequest& request, const ReportOptions& options) {
  if (!request.trouble.empty()) throw Error(request.study_id, request.trouble);
  const Prompted of_a = prompted(a, request, options), of_b = prompted(b, request, options);
  check(of_a.prompt.ids == of_b.prompt.ids, "drift", "the two models read the prompt as other tokens",
      "They must be forms of one model.");
  const std::vector<int32_t> answer = answer_of(a, of_a, options);
  return compare_logits(answer_logits(a, of_a, answer), answer_logits(b, of_b, answer));
}

}  // namespace hilum
