#include "engine/answer/answer_job.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/answer/box_constraint.h"

namespace hilum {
namespace {

constexpr int64_t kMostFilled = 2048;  // tokens of an answer that may fill the context

// exp of the mean log-probability of the tokens whose text ends inside the span; `token_end` does not fall.
double span_probability(const std::vector<size_t>& token_end, std::span<const float> log_probs, const TextSpan& span) {
  const auto first = std::upper_bound(token_end.begin(), token_end.end(), span.begin),
             last = std::upper_bound(first, token_end.end(), span.end);
  if (first == last) return 0;
  double sum = 0;
  for (auto at = first; at != last; ++at) sum += log_probs[static_cast<size_t>(at - token_end.begin())];
  return std::exp(sum / static_cast<double>(last - first));
}

}  // namespace

AnswerJob::AnswerJob(const Model& model, StudyImages images, AnswerRequest asked, AnswerListener listener)
    : model_(model), asked_(std::move(asked)), listener_(std::move(listener)), images_(std::move(images)) {
  check_sampling(asked_.sampling);
  const Preset& preset = model_.preset();
  const PresetTask& task = task_of(preset, asked_.task);
  const int32_t image_token = model_.network().config().image_token;
  prompt_ = prompt_ids(preset, dialogue_text(preset, asked_.task, asked_.inputs, asked_.turns), model_.tokenizer(),
      image_token, model_.network().image_tokens());
  image_tokens_ = static_cast<int>(std::count(prompt_.begin(), prompt_.end(), image_token));
  invariant(!pixels().defined() || image_tokens_ == pixels().dim(0) * model_.network().image_tokens(),
      "as many <image> in the preset's template as images");
  limit_ = asked_.max_new_tokens > 0 ? asked_.max_new_tokens : task.max_new_tokens;
  if (asked_.max_new_tokens <= 0)
    limit_ = std::max(limit_, static_cast<int>(std::min(asked_.fills - prompt_tokens(), kMostFilled)));
  check_context(model_.network(), prompt_tokens(), limit_);
  if (asked_.form != AnswerForm::kGrounded) {
    plain_.emplace(preset, model_.tokenizer(), std::move(asked_.stop_texts), static_cast<bool>(asked_.constraint));
    return;
  }
  check(asked_.stop_texts.empty(), "stop", "a grounded answer is ended by its own tokens, not by a text");
  grounded_.emplace(GroundedAnswer{
      .decoder = StreamDecoder(model_.tokenizer(), /*skip_special=*/true), .stream = GroundedStream(preset.grammar)});
  if (!asked_.constraint && preset.constrain_boxes) asked_.constraint = constrain_boxes(model_);
}

GenerateRequest AnswerJob::generation(const Tensor& features) {
  far_from_phantoms_ = hilum::far_from_phantoms(model_, features);
  GenerateRequest request{.prompt = prompt_,
      .image_features = features,
      .max_new_tokens = limit_,
      .sampling = asked_.sampling,
      .stop_ids = model_.stop_ids(),
      .top_log_probs = asked_.top_log_probs,
      .constraint = asked_.constraint};
  request.on_token = [this](std::span<const int32_t> ids) { return on_token(ids); };
  return request;
}

void AnswerJob::take_in(std::span<const int32_t> ids) {
  for (; read_ < ids.size(); ++read_) {
    if (plain_) {
      const std::string piece = plain_->push(ids[read_]);
      if (listener_.text && !piece.empty()) listener_.text(piece);
      continue;
    }
    const std::string piece = grounded_->decoder.push(ids[read_]);
    grounded_->size += piece.size();
    grounded_->token_end.push_back(grounded_->size);
    const GroundedStream::News news = grounded_->stream.push(piece);
    if (listener_.text && !news.readable.empty()) listener_.text(news.readable);
    if (listener_.finding)
      for (const CropFinding& finding : news.findings) listener_.finding(finding);
  }
}

bool AnswerJob::on_token(std::span<const int32_t> ids) {
  take_in(ids);
  if (listener_.gone && listener_.gone()) left_ = true;
  return left_ || (plain_ && plain_->ended());
}

AnswerResult AnswerJob::finish(Generation generation, Mode mode) {
  take_in(generation.ids);
  AnswerResult result{.finish = left_ ? Finish::kStopped : generation.finish};
  if (plain_) {
    const std::string rest = plain_->finish();
    if (listener_.text && !rest.empty()) listener_.text(rest);
    result.text = plain_->shown_text();
    result.written = plain_->text();
  } else {
    grounded_->stream.push(grounded_->decoder.finish());
    result.grounded = grounded_->stream.finish(mode);
    for (size_t i = 0; i < result.grounded.findings.size(); ++i)
      result.grounded.findings[i].token_probability =
          span_probability(grounded_->token_end, generation.log_probs, result.grounded.spans[i]);
  }
  result.generation = std::move(generation);
  return result;
}

}  // namespace hilum
