// Box completion: the reference's sentences are forced, and the model writes only their boxes (what box completion is
// scored on).
#pragma once

#include <functional>
#include <vector>

#include "engine/model.h"
#include "generation/generate.h"
#include "report/report.h"

namespace hilum {

// A constraint for generation (generation/generate.h): "<obj>text" of each finding is forced, then only boxes in the
// grammar's order, or the finding's end, may follow; the answer ends after the last one. `max_tokens` is set to what
// that can take with `max_boxes` boxes each. Throws Error for findings without text, or none.
Constraint force_sentences(
    const Model& model, const std::vector<Finding>& findings, int& max_tokens, int max_boxes = 8);

}  // namespace hilum
