#include "engine/batch/run_dialogues.h"

#include "engine/answer/question_job.h"
#include "engine/batch/prepared_rows.h"

namespace hilum {
namespace {

// A question's images are those of the one before: the worker keeps them encoded. Steps are made while other studies
// are between two of their questions.
WorkerConfig dialogue_worker(const RunConfig& config) {
  WorkerConfig made = worker_config(config);
  made.schedule.fill_first = false;
  made.feature_bytes = WorkerConfig().feature_bytes;
  return made;
}

StudyDialogue ask_all(const Model& model, ModelWorker& worker, const StudyRequest& study,
    std::span<const std::string> questions, const ConversationOptions& options) {
  StudyImages images =
      read_images(model, study, "question", {.allow_mismatch = options.allow_mismatch, .blank = options.blank_image});
  images.views.clear();  // their memory is free again while the answers are written
  StudyDialogue dialogue{.warnings = images.warnings};
  std::vector<Turn> turns;
  for (const std::string& question : questions) {
    const AnswerRequest asked = question_request(model.preset(), prompt_inputs(study), turns, question,
        {.max_new_tokens = options.max_new_tokens, .sampling = options.sampling});
    AnswerJob job(model, images, asked);
    ModelWorker::Place place(worker);  // after the job: it is given back first
    const Answer& answer =
        dialogue.answers.emplace_back(answer_of(asked, job.finish(worker.run(place, work_of(job)).generation)));
    dialogue.far_from_phantoms = job.far_from_phantoms();
    turns.push_back({answer.question, answer.written});
  }
  return dialogue;
}

}  // namespace

void run_dialogues(const Model& model, const RunConfig& config, std::span<const StudyRequest> studies,
    std::span<const size_t> rows, std::span<const std::string> questions, const ConversationOptions& options,
    const std::function<void(size_t row, StudyDialogue dialogue)>& told,
    const std::function<void(size_t row, const Error& error)>& failed) {
  if (rows.empty()) return;
  ModelWorker worker(model, dialogue_worker(config));
  PreparedRows<StudyDialogue> dialogues(rows.size(), config.sequences, 2 * static_cast<size_t>(config.sequences),
      [&](size_t i) { return ask_all(model, worker, studies[rows[i]], questions, options); });
  for (const size_t row : rows) {
    try {
      told(row, dialogues.next());
    } catch (const Error& error) {
      failed(row, error);
    }
  }
}

}  // namespace hilum
