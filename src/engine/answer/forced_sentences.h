// Sentences that are given, not written: the model writes only their boxes. Box completion forces a reference's
// sentences (what it is scored on), phrase grounding the one phrase that is asked for.
#pragma once

#include <functional>
#include <vector>

#include "engine/model.h"
#include "generation/generate.h"
#include "report/report.h"

namespace hilum {

// A constraint for generation (generation/generate.h): "<obj>text" of each finding is forced, then only boxes in the
// grammar's order, or the finding's end, may follow; the answer ends after the last one. White space at a text's ends
// is left out; tokens typed in it are text. `max_tokens`, where it is 0, is set to what that can take with `max_boxes`
// boxes each. Throws Error for findings without text, with a text that spells the grammar, or none.
Constraint force_sentences(
    const Model& model, const std::vector<Finding>& findings, int& max_tokens, int max_boxes = 8);

}  // namespace hilum
