#include "datasets/curation/rewrite.h"

namespace hilum {

// XrayGPT (section 4 of its paper) had gpt-3.5-turbo remove comparisons with earlier studies, masks and views and write
// one summary; CXR-LLaVA had GPT-4 refine reports and write questions and answers. Neither published its prompt. These
// follow what the papers say was asked, in our own words.
const std::vector<RewritePrompt>& rewrite_prompts(const std::string& rules) {
  static const char* const kEditor =
      "You edit reports of chest radiographs. You add nothing that the report does not say, and you change no finding, "
      "side, size or certainty.";
  static const std::map<std::string, std::vector<RewritePrompt>> kPrompts = {
      {"xraygpt",
          {{"hilum-xraygpt-summary", 1, RewriteInto::kReport,
              {{"system", kEditor},
                  {"user",
                      "Write one summary of the findings and the impression below.\n"
                      "- Leave out what compares with an earlier study.\n"
                      "- Leave out masked words (\"___\", \"XXXX\") and keep the meaning of the sentence.\n"
                      "- Leave out which view was taken.\n"
                      "- Join findings and impression to one text in whole sentences, without headings or lists.\n"
                      "Answer with the summary alone.\n\n"
                      "Findings: {findings}\n\nImpression: {impression}"}}}}},
      {"cxr-llava",
          {{"hilum-cxr-llava-report", 1, RewriteInto::kReport,
               {{"system", kEditor},
                   {"user",
                       "Write the report below anew, as of this one frontal radiograph.\n"
                       "- Leave out what compares with an earlier study, and what only another view, another "
                       "examination or the patient's record can tell.\n"
                       "- Leave out masked words (\"___\", \"XXXX\"), names, dates and who was told.\n"
                       "- Write whole sentences, without headings or lists.\n"
                       "Answer with the report alone.\n\n"
                       "Report: {report}"}}},
              {"hilum-cxr-llava-dialogue", 1, RewriteInto::kDialogue,
                  {{"system", kEditor},
                      {"user",
                          "Write {questions} questions that someone who looks at the radiograph of the report below "
                          "may ask, and their answers.\n"
                          "- Each answer follows from the report alone.\n"
                          "- Speak of the radiograph, never of the report.\n"
                          "Answer with a JSON list alone, [{\"question\": \"...\", \"answer\": \"...\"}, ...].\n\n"
                          "Report: {report}"}}}}},
  };
  static const std::vector<RewritePrompt> kNone;
  const auto found = kPrompts.find(rules);
  return found == kPrompts.end() ? kNone : found->second;
}

}  // namespace hilum
