#include "datasets/curation/curation_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/version.h"
#include "data/csv.h"

namespace hilum {
namespace {

Study as_written(const Study& from, const fs::path& folder) {
  Study study = from;
  std::error_code error;
  for (StudyImage& image : study.images) {
    const fs::path whole = fs::absolute(image.path, error).lexically_normal();
    const fs::path relative = whole.lexically_relative(fs::absolute(folder, error).lexically_normal());
    image.path = relative.empty() ? whole : relative;
  }
  return study;
}

const char* name_of(Duplicates d) {
  return d == Duplicates::kKeep ? "keep" : d == Duplicates::kExact ? "exact" : "text";
}

// The prompts as they were sent but for the studies' texts.
Json rewriting_json(const Curation& curation, const CurateOptions& options) {
  Json json{{"model_asked", options.rewrite->model}, {"answers_asked_for", curation.rewrites.asked},
      {"answers_used_again", curation.rewrites.used_again}, {"studies_failed", curation.rewrites.failed}};
  for (const RewritePrompt& prompt : rewrite_prompts(options.rules)) {
    Json messages = Json::array();
    for (const PromptMessage& m : prompt.messages) messages.push_back({{"role", m.role}, {"content", m.content}});
    json["prompts"].push_back({{"name", prompt.name}, {"version", prompt.version}, {"messages", std::move(messages)}});
  }
  return json;
}

Json counts_json(const Curation& curation, const CurationRecord& record) {
  Json json{{"dataset", record.dataset}, {"rules", record.options.rules},
      {"note", curation_rules(record.options.rules).note}};
  if (record.options.rules == "xraygpt") {
    json["mode"] = record.options.mode == SummaryMode::kSoft ? "soft" : "strict";
    json["limits"] = {{"findings_words", record.options.limits.findings_words},
        {"impression_words", record.options.limits.impression_words}};
  }
  json["duplicates"] = name_of(record.options.duplicates);
  json["seed"] = record.options.seed;
  json["source"] = Json::object();
  for (const auto& [what, count] : record.source_counts) json["source"][what] = count;
  for (const StageCount& s : curation.stages)
    json["stages"].push_back(
        {{"stage", s.stage}, {"dropped", s.dropped}, {"studies", s.left}, {"images", s.images_left}});
  std::map<std::string, int64_t> splits, rules;
  for (const SourceStudy& s : curation.studies) ++splits[s.study.split.empty() ? "none" : s.study.split];
  for (const DroppedStudy& d : curation.dropped)
    if (!d.rule.empty()) ++rules[d.rule];
  json["splits"] = splits;
  if (!rules.empty()) json["sentences_dropped_by_rule"] = rules;
  int64_t left_out = 0;
  for (const DatasetProblem& p : record.problems) left_out += !p.kept;
  json["problems"] = {
      {"left_out", left_out}, {"kept_with_remark", static_cast<int64_t>(record.problems.size()) - left_out}};
  if (record.options.rewrite) json["rewriting"] = rewriting_json(curation, record.options);
  json["leaks"] = record.leaks.size();
  json["seconds"] = record.seconds;
  json["version"] = kVersion;
  return json;
}

std::string filter_cap(const Curation& curation) {
  Json annotations = Json::array();
  for (const SourceStudy& s : curation.studies)
    for (const StudyImage& image : s.study.images)
      if (!image.view.starts_with("prior") && s.study.report)
        annotations.push_back({{"image_id", image.path.stem().string()}, {"caption", *s.study.report}});
  return Json{{"annotations", std::move(annotations)}}.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void write_curation(const fs::path& folder, const Curation& curation, const CurationRecord& record) {
  std::string studies, dropped = "study_id,reason,rule,sentence\n";
  for (const SourceStudy& s : curation.studies) studies += study_to_json(as_written(s.study, folder)) + "\n";
  for (const DroppedStudy& d : curation.dropped)
    dropped += csv_field(d.study_id) + "," + d.reason + "," + d.rule + "," + csv_field(d.sentence) + "\n";
  write_file(folder / "problems.csv", problems_csv(record.problems));
  write_file(folder / "dropped.csv", dropped);
  if (!record.leaks.empty()) write_file(folder / "leaks.csv", leaks_csv(record.leaks));
  if (record.options.rules == "xraygpt") write_file(folder / "filter_cap.json", filter_cap(curation));
  write_file(folder / "studies.jsonl", studies);
  write_file(folder / "counts.json", counts_json(curation, record).dump(1) + "\n");  // last: where it is, all is
}

std::string counts_table(const Curation& curation, const CurationRecord& record) {
  std::string out;
  for (const auto& [what, count] : record.source_counts) out += fmt::format("  {:<40} {:>9}\n", what, count);
  out += fmt::format("{:<42} {:>9} {:>9} {:>9}\n", "rules " + record.options.rules, "dropped", "studies", "images");
  for (const StageCount& s : curation.stages)
    out += fmt::format(
        "  {:<40} {:>9} {:>9} {:>9}\n", s.stage, s.dropped ? std::to_string(s.dropped) : "", s.left, s.images_left);
  return out;
}

}  // namespace hilum
