// RadFact with the recorded verdicts of a language model as the judge (evaluation sheet 5.2; microsoft/RadFact): the
// model is run elsewhere, once; what it answered is read from a file, and the scores are computed from that.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eval/boxes/radfact.h"
#include "eval/problems.h"

namespace hilum {

// Of one phrase, given all phrases of the other report.
struct RadFactVerdict {
  std::string phrase;
  bool entailed = false;
  std::vector<std::string> evidence;  // phrases of the other report, as the judge quotes them
};

struct StudyVerdicts {
  std::vector<RadFactVerdict> prediction, reference;  // whose phrases were judged
};

struct RadFactVerdicts {
  std::string judge;  // as the lines name it; empty: they do not
  std::map<std::pair<std::string, std::string>, StudyVerdicts>
      studies;                // by system (empty: the first one) and study id
  std::string group() const;  // the variant's name, for tables
};

// A .jsonl, one phrase a line: {"study_id", "direction": "prediction" or "reference" (whose phrase it is), "phrase",
// "entailed": true or false (or "status": "entailment", "not_entailment", "neutral", "contradiction"), "evidence":
// [phrases]}; or one study a line, in the form of RadFact's own examples: {"study_id", "output":
// {"phrases_A_evidenced": [{"phrase", "status", "evidence"}], "phrases_B_evidenced":
// [...]}}, A the prediction. Either may name "system" and "judge". Lines that cannot be read are problems.
RadFactVerdicts parse_radfact_verdicts(std::string_view text, const std::string& path, std::vector<Problem>& problems);

// One study by its verdicts. Phrases are the findings; a report without findings has those that the verdicts name. A
// phrase without a verdict, or called entailed without evidence, counts as not entailed, as failed answers do in the
// original; a report none of whose phrases has a verdict has no score. All of this is listed in `problems` under `side`
// and `study_id`, as are verdicts on phrases the report does not have.
RadFactStudy radfact_judged(std::span<const Finding> prediction, std::span<const Finding> reference,
    const StudyVerdicts& verdicts, const std::string& side, const std::string& study_id,
    std::vector<Problem>& problems);

}  // namespace hilum
