// Curation: a data set's studies through a published system's selection, stage by stage, with counts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/curation/rewrite.h"
#include "datasets/curation/summary.h"
#include "datasets/dataset.h"

namespace hilum {

// A stage of a rule set. What does not pass is dropped under `reason`; stages without one change studies and drop none.
enum class CurationStep {
  kNeedsFrontal,   // an image known to be frontal (or, where no image of the study has a known view, any image or none
                   // at all)
  kNeedsAdult,     // 18 years or of unknown age
  kNeedsFindings,  // a findings section
  kNeedsText,      // findings, impression or report
  kNeedsTextOrLabels,
  kNeedsRadiologyTerm,  // a dialogue that names radiology (datasets/curation/radiology_terms.h)
  kOneFrontal,          // the first frontal and the first lateral stay
  kAttachPrior,         // the patient's study before, its frontal and its report
  kSummarise,  // one summary in `report` (datasets/curation/summary.h) or by the language model, with its own reasons
  kCaptionFromLabels,  // where there is no text: names of labels and classes
  kDialogues,          // by template (datasets/curation/dialogues.h); with rewriting, those of studies with text by the
                       // language model
};
struct CurationStage {
  CurationStep step;
  const char* reason = "";
};
struct CurationRules {
  const char* name;
  const char* note;  // what it follows, and what is ours
  std::vector<CurationStage> stages;
};
const std::vector<CurationRules>& curation_rules();
const CurationRules& curation_rules(const std::string& name);  // throws Error naming the nearest

enum class Duplicates {
  kKeep,
  kExact,     // an image file that another study has; without images, the same patient and text
  kSameText,  // also the same text, whoever's
};

struct CurateOptions {
  std::string rules = "none";
  SummaryMode mode = SummaryMode::kSoft;
  SummaryLimits limits;
  Duplicates duplicates = Duplicates::kExact;
  int questions = 3;  // of a dialogue, beside report and impression
  uint64_t seed = 0;
  // A language model writes what the rules' authors had one write (rewrite_prompts()), in place of our rules for that:
  // summaries of the sections of reports that are long enough, or reports and dialogues of studies with text. After the
  // selection, so that nothing is asked for what is dropped; before duplicates are looked for, because those are
  // duplicates of what is written out (equal texts are asked for once all the same).
  std::optional<RewriteHook> rewrite = std::nullopt;
  std::filesystem::path rewrite_record = {};  // rewrites.jsonl; empty: none
  int give_up_after = 10;                     // failures in a row
};

struct DroppedStudy {
  std::string study_id, reason, rule,
      sentence;  // rule and sentence: a sentence of a study that stayed, or of one that did not
};

struct StageCount {
  std::string stage;              // "read", then the reasons in order, then "kept"
  int64_t dropped = 0, left = 0;  // studies
  int64_t images_left = 0;
};

struct RewriteCounts {
  int64_t asked = 0, used_again = 0, failed = 0;  // answers, answers, studies
};

struct Curation {
  std::vector<SourceStudy> studies;
  std::vector<StageCount> stages;
  std::vector<DroppedStudy> dropped;
  std::vector<DatasetProblem> problems;
  RewriteCounts rewrites;
};

// Throws Error for an unknown rule set, and for rewriting with rules that have none or in the strict mode.
void check_options(const CurateOptions& options);

// Does not change what the studies' images name. A study that a rule cannot be applied to, or that cannot be rewritten,
// becomes a problem.
Curation curate(std::vector<SourceStudy> studies, const CurateOptions& options);

}  // namespace hilum
