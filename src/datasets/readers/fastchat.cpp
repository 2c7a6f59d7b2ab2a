// Dialogues in FastChat's form: a JSON list of {"id", "conversations": [{"from": "human" or "gpt", "value"}, ...]}, as
// XrayGPT's language model was tuned on. Text alone: each becomes a study without images. The name of ChatDoctor, whose
// dialogues those were, is taken out.
#include <set>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "datasets/collector.h"
#include "datasets/json_row.h"
#include "datasets/readers/assistant_name.h"
#include "datasets/readers/readers.h"

namespace hilum {
namespace {

constexpr size_t kLargestFile = size_t{2} << 30;

fs::path only_json(Collector& out) {
  if (fs::is_regular_file(out.root())) return out.root();
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(out.root()))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  check(files.size() == 1, out.root().c_str(), "holds " + std::to_string(files.size()) + " .json files",
      "Name the file of conversations itself.");
  return files[0];
}

// What the name leaves of one message, trimmed.
std::string clean(const std::string& value, Collector& out) {
  int found = 0;
  const std::string text(trim_ascii(without_chatdoctor(value, found)));
  if (found > 0) out.count("times that ChatDoctor was named", found);
  return text;
}

// Fills the dialogue; says why it is none.
std::string read_turns(const Json& messages, Dialogue& dialogue, Collector& out) {
  if (!messages.is_array() || messages.empty()) return "has no list of messages in 'conversations'";
  std::string question;
  bool asked = false;
  size_t number = 0;
  for (const Json& message : messages) {
    ++number;
    const std::string from = json_text(message, "from");
    if (from != "human" && from != "gpt") return fmt::format("has a message {} that is not from human or gpt", number);
    if ((from == "human") == asked)
      return fmt::format("does not alternate between human and gpt at message {}", number);
    const std::string raw = json_text(message, "value");
    if (raw.find("<image>") != std::string::npos) return "speaks of a picture; dialogues of text alone are read";
    const std::string value = clean(raw, out);
    if (value.empty()) return fmt::format("has an empty message {}", number);
    if (from == "gpt") dialogue.turns.push_back({question, value});
    else question = value;
    asked = from == "human";
  }
  return dialogue.turns.empty() ? "holds no answer" : "";
}

}  // namespace

void read_fastchat(Collector& out) {
  const fs::path file = only_json(out);
  const Json all = read_json_file(file, kLargestFile);
  check(all.is_array(), file.c_str(), "is no list of conversations",
      R"([{"id": ..., "conversations": [{"from": "human", "value": ...}, {"from": "gpt", "value": ...}]}] is expected.)");
  std::set<std::string> seen;
  size_t row = 0;
  for (const Json& entry : all) {
    ++row;
    out.count("conversations");
    Study study;
    study.study_id = json_text(entry, "id");
    if (study.study_id.empty()) study.study_id = "dialogue" + std::to_string(row);
    if (!seen.insert(study.study_id).second) {  // files that were put together number their parts alike
      study.study_id += "-" + std::to_string(row);
      out.count("identifiers met before, which got their row's number");
    }
    const bool pictured = entry.is_object() && entry.contains("image");
    Dialogue dialogue;
    const std::string why = pictured ? "speaks of a picture; dialogues of text alone are read"
                            : entry.is_object() && entry.contains("conversations")
                                ? read_turns(entry["conversations"], dialogue, out)
                                : "has no 'conversations'";
    if (!why.empty()) {
      out.left_out(file, row, study.study_id, "the dialogue " + why);
      continue;
    }
    if (entry["conversations"].size() % 2 != 0)
      out.remark(file, row, study.study_id, "the last question has no answer; it is left away");
    study.dialogues.push_back(std::move(dialogue));
    out.add(std::move(study), file, row);
  }
}

}  // namespace hilum
