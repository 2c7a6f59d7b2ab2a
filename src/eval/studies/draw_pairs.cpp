#include "eval/studies/draw_pairs.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/rng.h"
#include "data/csv.h"
#include "eval/labels/chexpert_rules.h"
#include "eval/report_text.h"

namespace hilum {
namespace {

constexpr const char* kNoFinding = "No Finding";

template <typename Item>
void shuffle(std::vector<Item>& items, Rng& rng) {  // Fisher and Yates
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(static_cast<uint32_t>(i))]);
}

bool is_normal(const std::map<std::string, int>& labels) {
  const auto found = labels.find(kNoFinding);
  return found != labels.end() && found->second == 1;
}

}  // namespace

ReaderDraw draw_pairs(const std::vector<Study>& studies, const System* model, uint64_t seed, int each) {
  check(each > 0, "ratings", "a draw of no study");
  ReaderDraw draw;
  std::map<std::string, const Report*> reports;
  if (model)
    for (const Report& report : model->reports) reports.emplace(report.study_id, &report);
  std::map<std::string, const Study*> usable;  // by id, so that the order of the rows does not matter
  for (const Study& study : studies) {
    const auto complain = [&](const char* problem) { draw.problems.push_back({"studies", study.study_id, problem}); };
    if (!study.image("frontal")) complain("no frontal image, not drawn from");
    else if (text_of(study.findings, study.report).empty()) complain("no text, not drawn from");
    else if (model && !reports.contains(study.study_id)) complain("no report of the model, not drawn from");
    else if (model && text_of(reports[study.study_id]->findings, reports[study.study_id]->report).empty())
      complain("the model's report is empty, not drawn from");
    else if (!usable.emplace(study.study_id, &study).second) complain("study id given twice, the first is used");
  }
  const bool labelled =
      std::all_of(usable.begin(), usable.end(), [](const auto& one) { return !one.second->labels.empty(); });
  draw.normal_by = labelled ? "the manifest's No Finding" : std::string(kRulesName) + ", No Finding";
  std::vector<const Study*> normal, abnormal;
  for (const auto& [id, study] : usable)
    (is_normal(labelled ? study->labels : label_report(text_of(study->findings, study->report))) ? normal : abnormal)
        .push_back(study);
  draw.num_normal = static_cast<int64_t>(normal.size());
  draw.num_abnormal = static_cast<int64_t>(abnormal.size());
  check(draw.num_normal >= each && draw.num_abnormal >= each, "ratings",
      fmt::format("{} normal and {} abnormal studies can be drawn from, {} of each are wanted ({} unusable)",
          draw.num_normal, draw.num_abnormal, each, draw.problems.size()),
      "Give more studies, or ask for fewer with --each.");
  Rng rng(seed, 0x7261746572);
  for (auto* pool : {&normal, &abnormal}) {
    shuffle(*pool, rng);
    for (int i = 0; i < each; ++i) {
      const Study& study = *(*pool)[static_cast<size_t>(i)];
      const std::string image = study.image("frontal")->path.string();
      const Report* report = model ? reports[study.study_id] : nullptr;
      draw.pairs.push_back(
          {"", study.study_id, kModelSource, image, report ? text_of(report->findings, report->report) : ""});
      draw.pairs.push_back({"", study.study_id, kReferenceSource, image, text_of(study.findings, study.report)});
    }
  }
  shuffle(draw.pairs, rng);
  for (size_t i = 0; i < draw.pairs.size(); ++i) draw.pairs[i].code = fmt::format("pair-{:03}", i + 1);
  return draw;
}

std::string pairs_jsonl(const ReaderDraw& draw) {
  std::string out;
  for (const ReaderPair& pair : draw.pairs)
    out += Json{{"pair", pair.code}, {"image", pair.image}, {"report", pair.report}}.dump(
               -1, ' ', false, Json::error_handler_t::replace) +
           "\n";
  return out;
}

std::string empty_ratings_csv(const ReaderDraw& draw, int raters) {
  std::string out = "study,source,rater,grade\n";
  for (int rater = 1; rater <= raters; ++rater)
    for (const ReaderPair& pair : draw.pairs) out += fmt::format("{},,{},\n", pair.code, rater);
  return out;
}

std::string key_csv(const ReaderDraw& draw) {
  std::string out = "pair,study,source\n";
  for (const ReaderPair& pair : draw.pairs)
    out += fmt::format("{},{},{}\n", pair.code, csv_field(pair.study_id), pair.source);
  return out;
}

}  // namespace hilum
