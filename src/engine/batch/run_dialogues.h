// The same questions, one dialogue a study, asked about many studies: the studies are at work together, a study's
// questions one after another, since each prompt holds the answers before it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/answer/conversation.h"
#include "engine/batch/run_jobs.h"
#include "engine/study_request.h"

namespace hilum {

struct StudyDialogue {
  std::vector<Answer> answers;        // one a question
  std::vector<std::string> warnings;  // of the images
  bool far_from_phantoms = false;     // of the demo model
};

// told() or failed() for each of `rows` of `studies`, in order, on the caller's thread; the same answers as a
// Conversation about the study alone gives. A study whose images or one of whose questions cannot be run fails whole.
void run_dialogues(const Model& model, const RunConfig& config, std::span<const StudyRequest> studies,
    std::span<const size_t> rows, std::span<const std::string> questions, const ConversationOptions& options,
    const std::function<void(size_t row, StudyDialogue dialogue)>& told,
    const std::function<void(size_t row, const Error& error)>& failed);

}  // namespace hilum
