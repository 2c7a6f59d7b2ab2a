// One report on its way. Pictures are read and the prompt is made at the start; what the network does between is run by
// the caller, for one report alone (write_report.h) or for many beside each other (serve/).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer/answer_text.h"
#include "engine/answer/write_report.h"
#include "engine/prompt_tokens.h"
#include "engine/study_views.h"
#include "text/stream_decoder.h"

namespace hilum {

// Told of a report while it is written. All may be empty.
struct ReportListener {
  std::function<void(std::string_view)> text;   // readable text as it comes, without what stands for boxes
  std::function<void(const Finding&)> finding;  // each sentence once it is complete, boxes in 0..1 of the original
  std::function<bool()> gone;                   // true: nobody waits any more, and the report ends here
};

class ReportJob {
 public:
  // File bytes -> pixels, sections -> prompt ids. Throws Error naming the image or section at fault.
  ReportJob(const Model& model, StudyRequest request, ReportOptions options, ReportListener listener = {});
  ReportJob(const ReportJob&) = delete;

  const Tensor& pixels() const { return pixels_; }  // host [N, C, H, W], in the prompt's order
  int64_t prompt_tokens() const { return static_cast<int64_t>(prompt_.ids.size()); }
  int max_new_tokens() const { return limit_; }
  Report& report() { return written_.report; }  // what is known of it so far

  // What is to be generated, the pictures encoded: features [N, P, D] of the backend. The job must outlive the
  // generation. Throws Error where it does not fit the model's context.
  GenerateRequest generation(const Tensor& features);
  // The answer's ids -> sentences and boxes in the crop frame, and of the original.
  WrittenReport finish(const Generation& answer);

 private:
  bool heard(std::span<const int32_t> ids);  // the listener's share of a new token; true ends the answer
  const Geometry& geometry() const { return views_.front().model_input.geometry; }

  const Model& model_;
  StudyRequest request_;
  ReportOptions options_;
  ReportListener listener_;
  const PresetTask& task_;
  WrittenReport written_;
  std::vector<StudyView> views_;
  PromptTokens prompt_;
  Tensor pixels_;
  int limit_ = 0;
  Constraint constraint_;
  AnswerStream stream_;    // of plain answers
  StreamDecoder decoder_;  // of grounded ones
  std::string grounded_;   // what has been written of one
  size_t read_ = 0, told_text_ = 0, told_findings_ = 0;
};

}  // namespace hilum
