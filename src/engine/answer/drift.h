// How far two forms of one model (other weight types, a converted file) are from each other on a study: their
// distributions along one answer.
#pragma once

#include "engine/answer/write_report.h"

namespace hilum {

struct LogitDrift {
  double kl = 0;          // mean over the answer's tokens of KL(A || B), nats
  double largest_kl = 0;  // of one token
  double same_first = 0;  // share of tokens where both find the same token the most likely
  int64_t tokens = 0;     // of A's answer, its end counted
};

// A writes its answer greedily; both models then read prompt and answer, and their distributions are compared at each
// of its tokens. Throws Error where the two are no forms of one model (another vocabulary, or the prompt has other
// ids), and as write_report does.
LogitDrift logit_drift(const Model& a, const Model& b, const StudyRequest& request, const ReportOptions& options);

// Mean and largest KL(softmax(a) || softmax(b)) of rows [N, V] in host memory.
LogitDrift compare_logits(const Tensor& a, const Tensor& b);

}  // namespace hilum
