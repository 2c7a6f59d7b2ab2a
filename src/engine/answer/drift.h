// How far two forms of one model (other weight types, a converted file) are from each other on a study: their
// distributions along one answer.
#pragma once

#include "engine/answer/answer_job.h"
#include "engine/answer/write_report.h"

namespace hilum {

struct LogitDrift {
  double kl = 0;          // mean over the answer's tokens of KL(A || B), nats
  double largest_kl = 0;  // of one token
  double same_first = 0;  // share of tokens where both find the same token the most likely
  int64_t tokens = 0;     // of A's answer, its end counted
};

// One model's half of it. The caller runs the network, for one study alone (logit_drift) or for many in one batch.
class DriftJob {
 public:
  // Reads the images and makes the prompt; greedy, whatever the options say. Throws Error as ReportJob does.
  DriftJob(const Model& model, const StudyRequest& request, const ReportOptions& options);

  const std::vector<int32_t>& prompt() const { return answer_.prompt(); }
  const Tensor& pixels() const { return answer_.pixels(); }  // host [N, C, H, W]
  int64_t prompt_tokens() const { return answer_.prompt_tokens(); }
  int max_new_tokens() const { return answer_.max_new_tokens(); }
  // Every token that the model writes, past a stop text too: only the stop ids and the limit end it. The images'
  // features [N, P, D], of the backend, are kept for logits().
  GenerateRequest generation(const Tensor& features);
  void set_features(const Tensor& features) { features_ = features; }  // of a job that does not generate
  // Logits of the rows that predict each of the answer's tokens and its end, host [answer + 1, V]. Runs on the model's
  // own backend.
  Tensor logits(const std::vector<int32_t>& answer) const;

 private:
  const Model& model_;
  AnswerJob answer_;
  Tensor features_;
};
// Throws Error where the two models read a study's prompt as other ids.
void check_same_prompt(const DriftJob& a, const DriftJob& b);

// A writes its answer greedily; both models then read prompt and answer, and their distributions are compared at each
// of its tokens. Throws Error where the two are no forms of one model (another vocabulary, or the prompt has other
// ids), and as write_report does.
LogitDrift logit_drift(const Model& a, const Model& b, const StudyRequest& request, const ReportOptions& options);

// Mean and largest KL(softmax(a) || softmax(b)) of rows [N, V] in host memory.
LogitDrift compare_logits(const Tensor& a, const Tensor& b);

}  // namespace hilum
