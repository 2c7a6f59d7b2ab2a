// Rewriting of reports by a language model: the prompts as data, the hook that asks, the record of what was answered.
// No network here: the program that curates fills in the hook.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

struct PromptMessage {
  std::string role, content;  // "system", "user"
};

enum class RewriteInto {
  kReport,    // the answer becomes the study's one text; findings and impression go
  kDialogue,  // the answer is a JSON list of questions and answers, the study's dialogue
};

// In `content`, {findings}, {impression}, {report} (all the study says) and {questions} (a number) stand for the
// study's own.
struct RewritePrompt {
  std::string name;
  int version;  // counts up with every change of the messages
  RewriteInto into;
  std::vector<PromptMessage> messages;
};

// The prompts of a rule set, in the order they are asked; none for most. All are ours: those of the authors were not
// published.
const std::vector<RewritePrompt>& rewrite_prompts(const std::string& rules);

// The messages with the study's texts in place of the names, in one pass: a text that holds such a name stays as it is.
std::vector<PromptMessage> filled(const RewritePrompt& prompt, const std::map<std::string, std::string>& texts);
// Of the messages as compact JSON, [{"role":...,"content":...},...]: lower-case hex.
std::string prompt_sha256(const std::vector<PromptMessage>& messages);

struct RewriteAnswer {
  std::string text;
  std::string model;  // as the endpoint names it
};

// `ask` throws Error when there is no answer; the error's problem() holds no report text, because it goes into
// problems.csv.
struct RewriteHook {
  std::string model;  // as asked for
  std::function<RewriteAnswer(const std::vector<PromptMessage>&)> ask;
};

// One line of rewrites.jsonl.
struct RewriteLine {
  std::string study_id, prompt;
  int version = 0;
  std::string sha256, model_asked, model, answer, before;
};
std::string rewrite_line_json(const RewriteLine& line);  // without the line's end
// Of a file's text; a last line without its end (a run that was cut off) is left out, and `whole` is the bytes before
// it. Throws Error naming the line.
std::vector<RewriteLine> read_rewrite_lines(std::string_view text, const std::string& where, size_t& whole);

// Asks, or takes the answer from the record: one file that only grows, a line as soon as its answer is there. An answer
// is used again for the same messages and the same model asked for, whichever study it was written for.
class Rewriter {
 public:
  // Reads `record` where it is there; empty: nothing is read or written. `give_up_after` failures in a row end the run
  // with an Error (0: never): the endpoint is then not one to go on with, and a second run goes on where this one
  // stopped.
  Rewriter(RewriteHook hook, std::filesystem::path record, int give_up_after);

  // Empty: the answer was used. Else why not. `before` goes into the record. `use` takes the answer (throwing Error if
  // it is of no use) before it is recorded: what cannot be used is asked for again by the next run. Throws Error where
  // the record cannot be written, and when it gives up.
  std::string rewrite(const std::string& study_id, const RewritePrompt& prompt,
      const std::vector<PromptMessage>& messages, const std::string& before,
      const std::function<void(const std::string&)>& use);

  int64_t asked() const { return asked_; }
  int64_t used_again() const { return used_again_; }

 private:
  void add(const RewriteLine& line);

  RewriteHook hook_;
  std::filesystem::path record_;
  int give_up_after_, failed_in_a_row_ = 0;
  int64_t asked_ = 0, used_again_ = 0;
  std::map<std::string, RewriteAnswer> answers_;  // by messages and model asked for
  std::set<std::string> recorded_;                // the same, and the study
};

}  // namespace hilum
