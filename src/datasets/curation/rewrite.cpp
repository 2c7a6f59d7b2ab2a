#include "datasets/curation/rewrite.h"

#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

namespace hilum {
namespace {

constexpr size_t kMostRecordBytes = size_t{4} << 30;

std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string answer_key(const std::string& sha256, const std::string& model) { return sha256 + "\n" + model; }
std::string line_key(const RewriteLine& line) {
  return answer_key(line.sha256, line.model_asked) + "\n" + line.study_id;
}

std::string with_texts(std::string_view content, const std::map<std::string, std::string>& texts) {
  std::string out;
  while (!content.empty()) {
    const size_t open = content.find('{'), close = content.find('}', std::min(open, content.size()));
    if (open == content.npos || close == content.npos) break;
    const auto text = texts.find(std::string(content.substr(open + 1, close - open - 1)));
    const size_t taken = text == texts.end() ? open + 1 : close + 1;  // a brace that names nothing stands for itself
    out += text == texts.end() ? std::string(content.substr(0, taken))
                               : std::string(content.substr(0, open)) + text->second;
    content.remove_prefix(taken);
  }
  return out += content;
}

}  // namespace

std::vector<PromptMessage> filled(const RewritePrompt& prompt, const std::map<std::string, std::string>& texts) {
  std::vector<PromptMessage> out = prompt.messages;
  for (PromptMessage& m : out) m.content = with_texts(m.content, texts);
  return out;
}

std::string prompt_sha256(const std::vector<PromptMessage>& messages) {
  Json json = Json::array();
  for (const PromptMessage& m : messages) json.push_back({{"role", m.role}, {"content", m.content}});
  return sha256_hex(compact(json));
}

std::string rewrite_line_json(const RewriteLine& line) {
  return compact({{"study_id", line.study_id}, {"prompt", line.prompt}, {"prompt_version", line.version},
      {"prompt_sha256", line.sha256}, {"model_asked", line.model_asked}, {"model", line.model}, {"answer", line.answer},
      {"before", line.before}});
}

std::vector<RewriteLine> read_rewrite_lines(std::string_view text, const std::string& where, size_t& whole) {
  std::vector<RewriteLine> out;
  const size_t end = text.rfind('\n');
  whole = end == text.npos ? 0 : end + 1;
  size_t number = 0;
  for (const std::string_view line : split_lines(text.substr(0, whole))) {
    const std::string here = where + ", line " + std::to_string(++number);
    try {
      const Json json = parse_json(line, here);
      out.push_back({json.at("study_id"), json.at("prompt"), json.at("prompt_version").get<int>(),
          json.at("prompt_sha256"), json.at("model_asked"), json.at("model"), json.at("answer"), json.at("before")});
    } catch (const std::exception&) {  // the message would quote the line, which is report text
      throw Error(here, "is no line of a record of rewriting", "Move the file away to ask for everything again.");
    }
  }
  return out;
}

Rewriter::Rewriter(RewriteHook hook, fs::path record, int give_up_after)
    : hook_(std::move(hook)), record_(std::move(record)), give_up_after_(give_up_after) {
  if (record_.empty()) return;
  if (record_.has_parent_path()) fs::create_directories(record_.parent_path());
  if (!fs::exists(record_)) return;
  size_t whole = 0;
  const std::string text = read_file(record_, kMostRecordBytes);
  for (const RewriteLine& line : read_rewrite_lines(text, record_.string(), whole)) {
    answers_[answer_key(line.sha256, line.model_asked)] = {line.answer, line.model};
    recorded_.insert(line_key(line));
  }
  if (whole < text.size()) fs::resize_file(record_, whole);
}

void Rewriter::add(const RewriteLine& line) {
  if (record_.empty() || !recorded_.insert(line_key(line)).second) return;
  std::ofstream file(record_, std::ios::app | std::ios::binary);
  file << rewrite_line_json(line) << '\n' << std::flush;
  check(file.good(), record_.c_str(), "cannot be written", "Is the disk full, or the folder read-only?");
}

std::string Rewriter::rewrite(const std::string& study_id, const RewritePrompt& prompt,
    const std::vector<PromptMessage>& messages, const std::string& before,
    const std::function<void(const std::string&)>& use) {
  const std::string sha256 = prompt_sha256(messages), key = answer_key(sha256, hook_.model);
  const auto known = answers_.find(key);
  const bool again = known != answers_.end();
  RewriteAnswer answer;
  try {
    answer = again ? known->second : hook_.ask(messages);
    use(answer.text);
  } catch (const Error& e) {
    if (!again && ++failed_in_a_row_ == give_up_after_)
      throw Error(e.where(),
          fmt::format(
              "{} reports in a row could not be rewritten, the last one because: {}", failed_in_a_row_, e.problem()),
          record_.empty() ? ""
                          : "Run again when that is mended: the answers so far are in " + record_.string() +
                                " and are used again.");
    return e.problem();
  }
  if (again) {
    ++used_again_;
  } else {
    ++asked_;
    failed_in_a_row_ = 0;
    answers_[key] = answer;
  }
  add({study_id, prompt.name, prompt.version, sha256, hook_.model, answer.model, answer.text, before});
  return "";
}

}  // namespace hilum
