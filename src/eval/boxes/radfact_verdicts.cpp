#include "eval/boxes/radfact_verdicts.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "eval/json_lines.h"

namespace hilum {
namespace {

const Json& member(const Json& object, const char* name, const std::string& where) {
  check(object.is_object() && object.contains(name), where.c_str(), std::string("has no \"") + name + "\"");
  return object[name];
}

std::string text_member(const Json& object, const char* name, const std::string& where) {
  const Json& value = member(object, name, where);
  check(value.is_string(), where.c_str(), std::string("\"") + name + "\" is not text");
  return value.get<std::string>();
}

std::string optional_text(const Json& object, const char* name, const std::string& where) {
  return object.contains(name) ? text_member(object, name, where) : "";
}

bool entailed_in(const Json& row, const std::string& where) {
  if (row.contains("entailed")) {
    check(row["entailed"].is_boolean(), where.c_str(), "\"entailed\" is neither true nor false");
    return row["entailed"].get<bool>();
  }
  const std::string status = text_member(row, "status", where);
  for (const char* no : {"not_entailment", "neutral", "contradiction"})
    if (status == no) return false;
  check(status == "entailment", where.c_str(), "the status \"" + status + "\" is not known",
      "Known are entailment, not_entailment, neutral and contradiction.");
  return true;
}

RadFactVerdict verdict_in(const Json& row, const std::string& where) {
  RadFactVerdict verdict{text_member(row, "phrase", where), entailed_in(row, where), {}};
  if (!row.contains("evidence")) return verdict;
  check(row["evidence"].is_array(), where.c_str(), "\"evidence\" is not a list");
  for (const Json& quote : row["evidence"]) {
    check(quote.is_string(), where.c_str(), "\"evidence\" holds something that is not text");
    verdict.evidence.push_back(quote.get<std::string>());
  }
  return verdict;
}

std::vector<RadFactVerdict> verdicts_in(const Json& rows, const std::string& where) {
  check(rows.is_array(), where.c_str(), "the judged phrases are not a list");
  std::vector<RadFactVerdict> verdicts;
  for (const Json& row : rows) verdicts.push_back(verdict_in(row, where));
  return verdicts;
}

void read_line(RadFactVerdicts& all, const std::string& line, const std::string& where) {
  const Json row = parse_json(line, where);
  const std::string study = text_member(row, "study_id", where);
  const std::string system = optional_text(row, "system", where), judge = optional_text(row, "judge", where);
  StudyVerdicts read;
  if (row.contains("output")) {
    const Json& output = row["output"];
    read.prediction = verdicts_in(member(output, "phrases_A_evidenced", where), where);
    read.reference = verdicts_in(member(output, "phrases_B_evidenced", where), where);
  } else {
    const std::string direction = text_member(row, "direction", where);
    check(direction == "prediction" || direction == "reference", where.c_str(),
        "the direction \"" + direction + "\" is not known",
        "It says whose phrase was judged: prediction or reference.");
    (direction == "prediction" ? read.prediction : read.reference).push_back(verdict_in(row, where));
  }
  StudyVerdicts& verdicts = all.studies[{system, study}];
  std::move(read.prediction.begin(), read.prediction.end(), std::back_inserter(verdicts.prediction));
  std::move(read.reference.begin(), read.reference.end(), std::back_inserter(verdicts.reference));
  if (judge.empty() || judge == all.judge) return;
  all.judge = all.judge.empty() ? judge : "several judges";
}

// One report's phrases with what was said of them.
class Side {
 public:
  Side(std::span<const Finding> findings, std::span<const RadFactVerdict> verdicts)
      : phrases_(radfact_phrases(findings)), of_(findings.size()) {
    if (findings.empty()) {  // a plain text: what the judge took for its phrases
      for (const RadFactVerdict& verdict : verdicts) {
        phrases_.push_back({verdict.phrase, std::nullopt});
        of_.push_back(&verdict);
      }
      return;
    }
    std::vector<bool> used(verdicts.size());
    std::vector<std::string> normal;
    for (const RadFactVerdict& verdict : verdicts) normal.push_back(radfact_normal(verdict.phrase));
    for (size_t i = 0; i < phrases_.size(); ++i) {
      const std::string wanted = radfact_normal(phrases_[i].text);
      for (size_t k = 0; k < verdicts.size(); ++k) {
        if (normal[k] != wanted) continue;
        // The k-th of equal phrases has the k-th verdict, or the first where there are fewer.
        if (!of_[i] || !used[k]) of_[i] = &verdicts[k];
        if (used[k]) continue;
        used[k] = true;
        break;
      }
    }
    for (size_t k = 0; k < used.size(); ++k)
      if (!used[k]) unknown_.push_back(verdicts[k].phrase);
  }

  bool judged() const {
    return std::any_of(of_.begin(), of_.end(), [](const RadFactVerdict* one) { return one != nullptr; });
  }
  const std::vector<JudgedPhrase>& phrases() const { return phrases_; }
  const std::vector<std::string>& unknown() const { return unknown_; }

  // Enters the verdicts; say(what) lists those that cannot count.
  template <typename Say>
  void judge(const std::vector<JudgedPhrase>& other, const Say& say) {
    std::vector<std::string> texts;
    for (const JudgedPhrase& phrase : other) texts.push_back(phrase.text);
    for (size_t i = 0; i < phrases_.size(); ++i) {
      JudgedPhrase& phrase = phrases_[i];
      if (!of_[i]) {
        say("no verdict on \"" + phrase.text + "\", counts as not entailed");
        continue;
      }
      if (!of_[i]->entailed) continue;
      for (const std::string& quote : of_[i]->evidence) {
        const auto found = radfact_evidence(quote, texts);
        const bool known =
            found && std::find(phrase.evidence.begin(), phrase.evidence.end(), *found) != phrase.evidence.end();
        if (found && !known) phrase.evidence.push_back(*found);
      }
      phrase.entailed = !phrase.evidence.empty();
      if (!phrase.entailed) say("\"" + phrase.text + "\" is called entailed without evidence, counts as not entailed");
    }
  }

 private:
  std::vector<JudgedPhrase> phrases_;
  std::vector<const RadFactVerdict*> of_;  // a phrase's verdict; null: none
  std::vector<std::string> unknown_;
};

}  // namespace

std::string RadFactVerdicts::group() const {
  return "RadFact, recorded verdicts of " + (judge.empty() ? "a judge that is not named" : judge) +
         ", pixel masks 224 px, mean over studies";
}

RadFactVerdicts parse_radfact_verdicts(std::string_view text, const std::string& path, std::vector<Problem>& problems) {
  RadFactVerdicts all;
  for_json_lines(
      text, path, &problems, [&](const std::string& line, const std::string& where) { read_line(all, line, where); });
  return all;
}

RadFactStudy radfact_judged(std::span<const Finding> prediction, std::span<const Finding> reference,
    const StudyVerdicts& verdicts, const std::string& side, const std::string& study_id,
    std::vector<Problem>& problems) {
  const auto say = [&](const std::string& what) { problems.push_back({side, study_id, "RadFact: " + what}); };
  Side said(prediction, verdicts.prediction), wanted(reference, verdicts.reference);
  const auto score = [&](Side& own, const Side& other, const char* whose) -> RadFactOneWay {
    for (const std::string& phrase : own.unknown())
      say(std::string("the ") + whose + " does not say \"" + phrase + "\", its verdict is left out");
    if (own.judged()) {
      own.judge(other.phrases(), say);
      return radfact_one_way(own.phrases(), other.phrases());
    }
    if (!own.phrases().empty()) say(std::string("no verdict on any phrase of the ") + whose + ", no score");
    return {};
  };
  const RadFactOneWay candidate = score(said, wanted, "prediction");
  return {candidate, score(wanted, said, "reference")};
}

}  // namespace hilum
