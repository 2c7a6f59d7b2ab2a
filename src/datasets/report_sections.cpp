#include "datasets/report_sections.h"

#include "datasets/sentences.h"

namespace hilum {

void set_findings(Study& study, std::string_view text) {
  for (std::string& sentence : split_sentences(single_spaced(text), true))
    study.findings.push_back({.text = std::move(sentence)});
}

bool has_text(const Study& study) { return !study.findings.empty() || !study.impression.empty() || study.report; }

std::string findings_text(const Study& study) {
  std::string text;
  for (const Finding& finding : study.findings) text += (text.empty() ? "" : " ") + finding.text;
  return text;
}

std::optional<std::string> section_text(std::string_view text) {
  std::string plain = single_spaced(text);
  return plain.empty() ? std::nullopt : std::optional(std::move(plain));
}

}  // namespace hilum
