// hilum chat: a dialogue about a radiograph, at the terminal or by --ask.
#include <atomic>
#include <csignal>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/line_reader.h"
#include "cli/report_run.h"
#include "engine/answer/conversation.h"
#include "engine/batch/run_dialogues.h"
#include "report/report.h"

namespace hilum {
namespace {

std::atomic<bool> interrupted = false;

// Ctrl-C ends the answer that is being written, not the program.
class InterruptGuard {
 public:
  InterruptGuard() {
    interrupted = false;
    before_ = std::signal(SIGINT, [](int) { interrupted = true; });
  }
  ~InterruptGuard() { std::signal(SIGINT, before_); }

 private:
  void (*before_)(int);
};

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

Json answer_json(const Answer& answer, const Model& model, bool far) {
  Json row{{"question", answer.question}, {"answer", answer.text}, {"finish", finish_word(answer.finish)}};
  if (model.preset().demo) row["demo"] = true;
  if (far) row["warning"] = kDemoWarning;
  return row;
}

void say_json(const Answer& answer, const Model& model, bool far) {
  say(answer_json(answer, model, far).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

// The answer as it comes, its leading blanks left out.
void say_streaming(Conversation& talk, const std::string& question) {
  const InterruptGuard guard;
  bool begun = false;
  const Answer answer = talk.ask(question, [&](std::string_view piece) {
    if (!begun) piece.remove_prefix(std::min(piece.find_first_not_of(" \n"), piece.size()));
    begun = begun || !piece.empty();
    say(piece);
    return interrupted.load();
  });
  say("\n");
  if (answer.finish == Finish::kLength)
    log_warning(
        "the answer is incomplete: it reached the limit of " + std::to_string(answer.completion_tokens) + " tokens");
}

// A line that begins with a slash is for the program, not for the model. False: it ends the conversation.
bool obey(const std::string& line, const Conversation& talk) {
  if (line == "/quit" || line == "/exit") return false;
  check(line == "/help", line.c_str(), "is no command of a conversation", "/help lists them.");
  std::fprintf(stderr,
      "A line is a question about the image%s.\n"
      "  /help          this list\n"
      "  /quit, /exit   end the conversation; Ctrl-D does too\n"
      "  Ctrl-C         end the answer that is being written\n"
      "  Up, Down       earlier questions\n",
      talk.keeps_history() ? ", asked with the dialogue before it" : "; each is asked without those before it");
  return true;
}

// One line a study of a manifest or folder: {"study_id","answers":[{"question","answer","finish"}]}.
int run_chat_many(const OptionValues& options, const std::vector<StudyRequest>& requests) {
  const std::vector<std::string>& questions = options.all("--ask");
  check(!questions.empty(), "--ask", "is missing: a manifest's studies are asked by it", "Give --ask \"...\".");
  check(!options.maybe("--lateral") && !options.maybe("--prior"), "hilum chat",
      "--lateral and --prior are for a single image", "A manifest names the images of each study.");
  const auto model = Model::load(model_path(options), backend_config(options), lora_path(options));
  log_ready(options, *model);
  const ReportOptions how = report_options(options, model->preset(), "question");
  StudyRows studies(options, *model, requests, "chat");
  run_dialogues(
      *model, run_config(options, *model, requests, how, studies.rows().size()), requests, studies.rows(), questions,
      {.max_new_tokens = how.max_new_tokens,
          .sampling = how.sampling,
          .allow_mismatch = how.allow_mismatch,
          .blank_image = how.blank_image},
      [&](size_t row, const StudyDialogue& dialogue) {
        Json line{{"study_id", requests[row].study_id},
            {"model", {{"name", model->preset().name}, {"weights_sha256", studies.weights_sha256()}}}};
        for (const Answer& answer : dialogue.answers)
          line["answers"].push_back(answer_json(answer, *model, dialogue.far_from_phantoms));
        if (!dialogue.warnings.empty()) line["warnings"] = dialogue.warnings;
        line["notice"] = kNotice;
        studies.put(row, line.dump(-1, ' ', false, Json::error_handler_t::replace));
      },
      [&](size_t row, const Error& error) { studies.fail(row, error); });
  return studies.done();
}

}  // namespace

int run_chat(const OptionValues& options) {
  set_up_from(options);
  if (const fs::path input = options.text("FRONTAL"); is_many(input))
    return run_chat_many(options, read_requests(input, {.indication = section(options, "--indication")}));
  check(options.text("-o").empty() && !options.flag("--resume"), "hilum chat",
      "-o and --resume are for a manifest or folder", "One image's answers are written to stdout.");
  StudyRequest request{.study_id = options.text("FRONTAL"), .frontal = fs::path(options.text("FRONTAL"))};
  request.lateral = fs::path(options.text("--lateral"));
  request.prior = fs::path(options.text("--prior"));
  request.indication = section(options, "--indication");
  const std::vector<std::string>& questions = options.all("--ask");
  const bool json = options.text("--format") == "json";
  const auto model = Model::load(model_path(options), backend_config(options), lora_path(options));
  log_ready(options, *model);
  const ReportOptions how = report_options(options, model->preset(), "question");
  Conversation talk(*model, request,
      {.max_new_tokens = how.max_new_tokens,
          .sampling = how.sampling,
          .allow_mismatch = how.allow_mismatch,
          .blank_image = how.blank_image});
  for (const std::string& warning : talk.warnings()) log_warning(warning);
  if (!json) say((talk.far_from_phantoms() ? std::string(kDemoWarning) + "\n" : "") + kNotice + "\n");
  if (!talk.keeps_history())
    log_info(model->preset().name + " was made for single questions: each is asked without those before it");

  for (const std::string& question : questions) {
    if (json) {
      say_json(talk.ask(question), *model, talk.far_from_phantoms());
    } else {
      say("\n> " + question + "\n");
      say_streaming(talk, question);
    }
  }
  if (!questions.empty()) {
    log_memory(options, *model, talk.cache_bytes(),
        talk.answers().back().prompt_tokens + talk.answers().back().completion_tokens);
    return static_cast<int>(ExitCode::kDone);
  }

  LineReader lines;
  if (lines.interactive())
    say(model->preset().title +
        ". Ask about the image; /help lists what else there is. Ctrl-C ends an answer, Ctrl-D or /quit the "
        "conversation.\n");
  while (const auto line = lines.next("> ")) {
    if (is_blank(*line, " \t")) continue;
    try {
      if ((*line)[0] == '/') {
        if (!obey(*line, talk)) break;
        continue;
      }
      if (json) say_json(talk.ask(*line), *model, talk.far_from_phantoms());
      else say_streaming(talk, *line);
    } catch (const Error& error) {
      if (!lines.interactive()) throw;
      log_error(error.what());  // the dialogue stays as it was
    }
  }
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace hilum
