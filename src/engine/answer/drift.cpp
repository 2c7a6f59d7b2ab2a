#include "engine/answer/drift.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/answer/report_job.h"

namespace hilum {
namespace {

ReportOptions greedy(const ReportOptions& options) {
  return {.task = options.task,
      .phrase = options.phrase,
      .max_new_tokens = options.max_new_tokens,
      .allow_mismatch = options.allow_mismatch,
      .blank_image = options.blank_image};
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

DriftJob::DriftJob(const Model& model, const StudyRequest& request, const ReportOptions& options)
    : model_(model),
      answer_(model,
          read_images(
              model, request, options.task, {.allow_mismatch = options.allow_mismatch, .blank = options.blank_image}),
          report_request(model, request, greedy(options))) {}

GenerateRequest DriftJob::generation(const Tensor& features) {
  features_ = features;
  GenerateRequest request = answer_.generation(features);
  request.on_token = {};
  return request;
}

Tensor DriftJob::logits(const std::vector<int32_t>& answer) const {
  std::vector<int32_t> ids = prompt();
  ids.insert(ids.end(), answer.begin(), answer.end());
  VlmBatch batch = VlmBatch::single(std::move(ids), Tensor());
  batch.image_features = features_;
  batch.logit_rows.erase(
      batch.logit_rows.begin(), batch.logit_rows.begin() + static_cast<std::ptrdiff_t>(prompt_tokens()) - 1);
  return model_.ops().to_host(model_.network().logits(model_.ops(), batch));
}

void check_same_prompt(const DriftJob& a, const DriftJob& b) {
  check(a.prompt() == b.prompt(), "drift", "the two models read the prompt as other tokens",
      "They must be forms of one model.");
}

LogitDrift logit_drift(const Model& a, const Model& b, const StudyRequest& request, const ReportOptions& options) {
  const auto encoded = [](const Model& model, const DriftJob& job) {
    return model.network().encode_images(model.ops(), job.pixels());
  };
  DriftJob of_a(a, request, options), of_b(b, request, options);
  check_same_prompt(of_a, of_b);
  const std::vector<int32_t> answer = generate(a.ops(), a.network(), {of_a.generation(encoded(a, of_a))}).front().ids;
  of_b.set_features(encoded(b, of_b));
  return compare_logits(of_a.logits(answer), of_b.logits(answer));
}

}  // namespace hilum
