// One report on its way: the form of an answer job (answer_job.h) whose answer becomes a report. The caller runs the
// network, for one report alone (write_report.h) or for many in one batch.
#pragma once

#include <functional>
#include <string_view>

#include "engine/answer/answer_job.h"
#include "engine/answer/write_report.h"

namespace hilum {

// Told of a report while it is written. All may be empty.
struct ReportListener {
  std::function<void(std::string_view)> text;   // readable text as it comes, without what stands for boxes
  std::function<void(const Finding&)> finding;  // each sentence once it is complete, boxes in 0..1 of the original
  std::function<bool()> gone;                   // true: nobody waits any more, and the report ends here
};

// What the network is asked for a report. A phrase to locate is held: the answer is that sentence, and the model writes
// its boxes or none. Throws Error for a task the preset does not have, where box completion has no sentences, and where
// a phrase is to be located and there is none.
AnswerRequest report_request(const Model& model, const StudyRequest& study, const ReportOptions& options);

class ReportJob {
 public:
  // File bytes -> pixels, sections -> prompt ids. Throws Error naming the image or section at fault, and where prompt
  // and answer do not fit the model's context.
  ReportJob(const Model& model, const StudyRequest& request, ReportOptions options, ReportListener listener = {});
  ReportJob(const ReportJob&) = delete;

  AnswerJob& answer() { return answer_; }
  const Tensor& pixels() const { return answer_.pixels(); }  // host [N, C, H, W], in the prompt's order
  int64_t prompt_tokens() const { return answer_.prompt_tokens(); }
  int max_new_tokens() const { return answer_.max_new_tokens(); }
  Report& report() { return written_.report; }  // what is known of it so far

  // What is to be generated, the images encoded: features [N, P, D] of the backend. The job must outlive the
  // generation.
  GenerateRequest generation(const Tensor& features) { return answer_.generation(features); }
  // The answer's ids -> sentences and boxes in the crop frame, and of the original.
  WrittenReport finish(Generation generation);

 private:
  AnswerListener listener_in_crop();
  const Geometry& geometry() const { return answer_.images().views.front().model_input.geometry; }

  ReportListener listener_;
  ReportOptions options_;
  AnswerForm form_;
  WrittenReport written_;
  AnswerJob answer_;
};

}  // namespace hilum
