#include "eval/compare/annotate.h"

#include <unordered_map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/progress.h"
#include "eval/report_text.h"

namespace hilum {
namespace {

// Gives every distinct text its number.
class TextNumbers {
 public:
  explicit TextNumbers(std::vector<Annotation>& texts) : texts_(texts) {}

  size_t operator()(const std::vector<Finding>& findings, const std::optional<std::string>& report) {
    const std::string text = text_of(findings, report);
    std::string lines = lines_of(findings, report);
    // Line ends are white space like any other, but for a word broken at one, which a tokenizer may join.
    const bool broken = lines.find("-\n") != std::string::npos;
    const auto [at, is_new] = numbers_.try_emplace(broken ? text + '\n' + lines : text, texts_.size());
    if (is_new) texts_.push_back({.text = text, .lines = broken ? std::move(lines) : text});
    return at->second;
  }

 private:
  std::vector<Annotation>& texts_;
  std::unordered_map<std::string, size_t> numbers_;
};

// The valid boxes; the others are left out and listed.
std::vector<BoxNorm> boxes_in(const std::vector<Finding>& findings, const std::string& side,
    const std::string& study_id, std::vector<Problem>& problems) {
  FoundBoxes found = boxes_of(findings);
  if (found.num_invalid > 0)
    problems.push_back({side, study_id, fmt::format("{} boxes outside 0..1 or inverted, left out", found.num_invalid)});
  return std::move(found.boxes);
}

AnnotatedStudies number_texts(
    const std::vector<MatchedStudy>& studies, const std::vector<std::string>& systems, std::vector<Problem>& problems) {
  AnnotatedStudies annotated;
  TextNumbers number(annotated.texts);
  for (const MatchedStudy& matched : studies) {
    const Study& reference = *matched.reference;
    const std::vector<BoxNorm> truth = boxes_in(reference.findings, "references", reference.study_id, problems);
    AnnotatedStudy study{.reference = &reference, .text = number(reference.findings, reference.report), .reports = {}};
    for (size_t s = 0; s < matched.reports.size(); ++s) {
      const Report& report = *matched.reports[s];
      const std::vector<BoxNorm> predicted = boxes_in(report.findings, systems[s], reference.study_id, problems);
      study.reports.push_back({.report = &report,
          .text = number(report.findings, report.report),
          .boxes = box_overlap(predicted, truth),
          .not_well_formed = not_well_formed(report)});
      if (annotated.texts[study.reports.back().text].text.empty())
        problems.push_back({systems[s], reference.study_id, "empty report, scored as saying nothing"});
    }
    annotated.studies.push_back(std::move(study));
  }
  return annotated;
}

void label_by_rules(std::vector<Annotation>& texts) {
  Progress progress("label", static_cast<int64_t>(texts.size()), "texts");
  for (size_t i = 0; i < texts.size(); ++i) {
    progress.update(static_cast<int64_t>(i));
    if (!texts[i].text.empty()) texts[i].labels = label_report(texts[i].text);
  }
}

// A model is asked for all texts at once, so that it can take them in batches.
void label_by_model(std::vector<Annotation>& texts, const ReportModels& models) {
  std::vector<std::string> said;
  for (const Annotation& one : texts)
    if (!one.text.empty()) said.push_back(one.text);
  const std::vector<Labels> labels = models.label(said);
  invariant(labels.size() == said.size(), "a labeler gives each text its labels");
  auto next = labels.begin();
  for (Annotation& one : texts)
    if (!one.text.empty()) one.labels = *next++;
}

void read_graphs(std::vector<Annotation>& texts, const ReportModels& models) {
  Progress progress("RadGraph", static_cast<int64_t>(texts.size()), "reports");
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].text.empty()) texts[i].graph = models.graph(texts[i].text);
    progress.update(static_cast<int64_t>(i) + 1);
  }
}

}  // namespace

AnnotatedStudies annotate(const std::vector<MatchedStudy>& studies, const std::vector<std::string>& systems,
    const ReportModels& models, std::vector<Problem>& problems) {
  AnnotatedStudies annotated = number_texts(studies, systems, problems);
  if (models.label) label_by_model(annotated.texts, models);
  else label_by_rules(annotated.texts);
  if (models.graph) read_graphs(annotated.texts, models);
  return annotated;
}

}  // namespace hilum
