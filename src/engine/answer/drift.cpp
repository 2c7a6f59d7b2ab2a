#include "engine/answer/drift.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/answer/report_job.h"

namespace hilum {
namespace {

// Every token that the model writes, past a stop text too: only the stop ids and the limit end it.
std::vector<int32_t> written_by(const Model& model, AnswerJob& job) {
  GenerateRequest request = job.generation(model.network().encode_images(model.ops(), job.pixels()));
  request.on_token = {};
  return generate(model.ops(), model.network(), {std::move(request)}).front().ids;
}

// Logits of the rows that predict each of the answer's tokens and its end, host [answer + 1, V].
Tensor answer_logits(const Model& model, const AnswerJob& job, const std::vector<int32_t>& answer) {
  std::vector<int32_t> ids = job.prompt();
  ids.insert(ids.end(), answer.begin(), answer.end());
  VlmBatch batch = VlmBatch::single(std::move(ids), job.pixels());
  batch.logit_rows.erase(
      batch.logit_rows.begin(), batch.logit_rows.begin() + static_cast<std::ptrdiff_t>(job.prompt_tokens()) - 1);
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
  const ReportOptions greedy{.task = options.task,
      .phrase = options.phrase,
      .max_new_tokens = options.max_new_tokens,
      .allow_mismatch = options.allow_mismatch,
      .blank_image = options.blank_image};
  const ImageOptions how{.allow_mismatch = options.allow_mismatch, .blank = options.blank_image};
  AnswerJob of_a{a, read_images(a, request, options.task, how), report_request(a, request, greedy)};
  AnswerJob of_b{b, read_images(b, request, options.task, how), report_request(b, request, greedy)};
  check(of_a.prompt() == of_b.prompt(), "drift", "the two models read the prompt as other tokens",
      "They must be forms of one model.");
  const std::vector<int32_t> answer = written_by(a, of_a);
  return compare_logits(answer_logits(a, of_a, answer), answer_logits(b, of_b, answer));
}

}  // namespace hilum
