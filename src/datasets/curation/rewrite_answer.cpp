#include "datasets/curation/rewrite_answer.h"

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json.h"
#include "datasets/collector.h"
#include "datasets/json_row.h"

namespace hilum {
namespace {

constexpr size_t kMostQuestions = 100;

[[noreturn]] void refuse(const char* what) { throw Error("rewriting", what); }

// parse_json's own message quotes the text around the fault.
Json parsed(std::string_view text, const char* what) {
  try {
    return parse_json(text, "rewriting");
  } catch (const Error&) {
    refuse(what);
  }
}

}  // namespace

RewriteAnswer read_completion(std::string_view body) {
  const Json json = parsed(body, "the endpoint's answer is not JSON");
  const auto choices = json.is_object() ? json.find("choices") : json.end();
  if (choices == json.end() || !choices->is_array() || choices->empty() || !choices->front().is_object())
    refuse("the endpoint's answer holds no choices");
  const Json& choice = choices->front();
  const auto finish = choice.find("finish_reason");
  if (finish != choice.end() && !finish->is_null() && *finish != "stop")
    refuse(*finish == "length"           ? "the answer was cut off"
           : *finish == "content_filter" ? "the answer was withheld"
                                         : "the answer did not end as one");
  const auto message = choice.find("message");
  RewriteAnswer answer;
  if (message != choice.end()) answer.text = std::string(trim_ascii(json_text(*message, "content")));
  if (answer.text.empty()) refuse("the endpoint's answer holds no text");
  answer.model = json_text(json, "model");
  return answer;
}

Dialogue read_dialogue(std::string_view text) {
  const size_t from = text.find('['), to = text.rfind(']');
  if (from == text.npos || to == text.npos || to < from)
    refuse("the answer holds no JSON list of questions and answers");
  const Json list = parsed(text.substr(from, to - from + 1), "the answer's list of questions and answers is not JSON");
  if (!list.is_array() || list.empty()) refuse("the answer's list of questions and answers is empty");
  if (list.size() > kMostQuestions) refuse("the answer's list holds more than 100 questions");
  Dialogue dialogue;
  for (const Json& turn : list) {
    const std::string question(trim_ascii(json_text(turn, "question"))), answer(trim_ascii(json_text(turn, "answer")));
    if (question.empty() || answer.empty()) refuse("a question or an answer of the list is missing or empty");
    dialogue.turns.push_back({question, answer});
  }
  return dialogue;
}

}  // namespace hilum
