#include "datasets/curation/dialogues.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/rng.h"
#include "datasets/collector.h"
#include "datasets/curation/pattern.h"
#include "datasets/report_sections.h"
#include "datasets/sentences.h"

namespace hilum {
namespace {

// The question of CXR-LLaVA's own report call.
constexpr const char* kReportQuestion =
    "Write a radiologic report on the given chest radiograph, including information about atelectasis, cardiomegaly, "
    "consolidation, "
    "pulmonary edema, pleural effusion, and pneumothorax.";
constexpr const char* kImpressionQuestion = "What is the impression?";

struct Topic {
  const char* label;  // CheXpert name
  const char* name;   // within a question
  const char* words;  // pattern that a sentence about it holds
};
constexpr Topic kTopics[] = {
    {"Cardiomegaly", "the heart size", "\\b(?:heart|cardiac silhouette|cardiomegaly|cardiomediastinal)\\b"},
    {"Enlarged Cardiomediastinum", "the mediastinum", "\\b(?:mediastin[a-z]*|hilar|hila|aort[a-z]*)\\b"},
    {"Pleural Effusion", "pleural effusion", "\\b(?:effusions?|costophrenic)\\b"},
    {"Pneumothorax", "pneumothorax", "\\bpneumothora(?:x|ces)\\b"},
    {"Consolidation", "consolidation", "\\b(?:consolidations?|airspace disease|infiltrates?)\\b"},
    {"Edema", "pulmonary edema", "\\b(?:edema|vascular congestion|pulmonary vascularity)\\b"},
    {"Atelectasis", "atelectasis", "\\batelecta(?:sis|ses|tic)\\b"},
    {"Pneumonia", "pneumonia", "\\bpneumonias?\\b"},
    {"Lung Lesion", "a nodule or mass", "\\b(?:nodules?|mass(?:es)?|granulomas?|lesions?)\\b"},
    {"Lung Opacity", "lung opacity", "\\b(?:opacit(?:y|ies)|opacification)\\b"},
    {"Fracture", "the bones", "\\b(?:fractures?|bon(?:e|y|es)|osseous|ribs?|spine|degenerative)\\b"},
    {"Support Devices", "tubes, lines or devices",
        "\\b(?:tubes?|catheters?|PICC|pacemaker|lines?|leads?|sternotomy|clips?)\\b"},
    {"Pleural Other", "pleural thickening", "\\bpleural (?:thickening|scarring|plaques?)\\b"},
};
constexpr std::array kAsk = {"What can be said about ", "Describe ", "Is there anything to note about "};
constexpr std::array kIsThere = {"Is there evidence of ", "Does this radiograph show ", "Do you see "};

std::string question(const Rng& rng, const Topic& topic, bool by_label) {
  Rng draw = rng;
  const auto& wordings = by_label ? kIsThere : kAsk;
  const std::string begin = wordings[draw.below(wordings.size())];
  std::string name = topic.name;
  if (by_label) name = lower_ascii(topic.label);
  return begin + name + (begin.starts_with("Describe") ? "." : "?");
}

std::string answer_of(const Topic& topic, int label) {
  const std::string name = lower_ascii(topic.label);
  return label > 0   ? "Yes, there is evidence of " + name + "."
         : label < 0 ? "Possibly; " + name + " is uncertain."
                     : "No, there is no evidence of " + name + ".";
}

const std::vector<Pattern>& topic_patterns() {
  static const std::vector<Pattern> kPatterns = [] {
    std::vector<Pattern> all;
    for (const Topic& topic : kTopics) all.emplace_back(topic.words, topic.label);
    return all;
  }();
  return kPatterns;
}

uint64_t stream_of(const std::string& id) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace

std::vector<Dialogue> make_dialogues(const Study& study, int questions, uint64_t seed) {
  Rng rng(seed, stream_of(study.study_id));
  Dialogue dialogue;
  const std::string findings = findings_text(study);
  const std::string report = !findings.empty() ? findings : study.report.value_or("");
  if (!report.empty()) dialogue.turns.push_back({kReportQuestion, report});
  if (!study.impression.empty())
    dialogue.turns.push_back({report.empty() ? kReportQuestion : kImpressionQuestion, study.impression});

  std::vector<Dialogue::Turn> single;
  const std::vector<std::string> sentences = split_sentences(single_spaced(report), true);
  for (size_t t = 0; t < std::size(kTopics); ++t) {
    const Topic& topic = kTopics[t];
    std::string said;
    for (const std::string& sentence : sentences)
      if (topic_patterns()[t].found_in(sentence)) said += (said.empty() ? "" : " ") + sentence;
    rng.next();
    if (!said.empty()) {
      single.push_back({question(rng, topic, false), said});
    } else if (const auto label = study.labels.find(topic.label); sentences.empty() && label != study.labels.end()) {
      single.push_back({question(rng, topic, true), answer_of(topic, label->second)});
    }
  }
  if (single.empty() && sentences.empty())  // a data set's own classes
    for (const std::string& name : study.classes)
      if (const std::string small = lower_ascii(name); small != "no finding")
        single.push_back({std::string(kIsThere[rng.below(kIsThere.size())]) + small + "?",
            "Yes, there is evidence of " + small + "."});
  for (size_t i = single.size(); i > 1; --i) std::swap(single[i - 1], single[rng.below(static_cast<uint32_t>(i))]);
  single.resize(std::min(single.size(), static_cast<size_t>(std::max(questions, 0))));
  for (Dialogue::Turn& turn : single) dialogue.turns.push_back(std::move(turn));
  return dialogue.turns.empty() ? std::vector<Dialogue>{} : std::vector<Dialogue>{std::move(dialogue)};
}

}  // namespace hilum
