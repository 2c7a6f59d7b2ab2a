// One answer to a dialogue about pictures, from read request to text: what chat completions, completions and responses
// share.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/answer/question_job.h"
#include "serve/http/http.h"
#include "serve/routes/piece_queue.h"
#include "serve/sent_study.h"
#include "serve/service.h"
#include "serve/wire/openai_chat.h"
#include "serve/wire/openai_chat_reply.h"

namespace hilum {

struct ChatOutcome {
  std::string text;
  Finish finish = Finish::kStop;
  ChatUsage usage;
  std::optional<std::vector<TokenLogprobs>> logprobs;  // where they were asked for
  std::vector<std::string> warnings;                   // of the request, of the pictures, of the demo model
  bool far_from_phantoms = false;
};

// The pictures of the dialogue are the study: the first is the frontal; a second the lateral, or the prior frontal
// where its DICOM header calls it a frontal; a third the prior frontal. Earlier questions and answers are the dialogue;
// system messages are not used, for the models were trained without them. A free answer of the demo model about
// pictures far from its phantoms ends with a line that says so; one that is held to a form does not.
class ChatRun {
 public:
  // Throws RequestError and what QuestionJob throws. `streams`: streamed() will be called, not whole().
  ChatRun(Service& service, const ChatRequest& asked, const HttpRequest& request, bool streams);

  const LiveModel& model() const { return model_; }
  ChatOutcome whole();
  // told(piece) of whole characters as they come, "" after each 15 s without one; false from it: the client has left.
  ChatOutcome streamed(const std::function<bool(std::string_view piece)>& told);

 private:
  struct Dialogue {
    SentStudy study;
    std::vector<Turn> turns;
    std::string question;
  };
  static Dialogue read_dialogue(const Service& service, const ChatRequest& asked);
  GenerationWork work();
  ChatOutcome outcome(AnsweredQuestion answered);

  ChatRequest asked_;
  LiveModel& model_;
  Dialogue dialogue_;
  PieceQueue pieces_;
  std::atomic<bool> gone_ = false;  // a write failed
  std::function<bool()> left_;      // the client closed its side
  std::unique_ptr<QuestionJob> job_;
  std::optional<ModelWorker::Place> place_;  // last: given back before what its work uses goes
};

}  // namespace hilum
