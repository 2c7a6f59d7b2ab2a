// Questions and answers about a study, by template, from what its report or labels say. No model writes them and
// nothing is added to the text.
#pragma once

#include <cstdint>
#include <vector>

#include "data/study.h"

namespace hilum {

// One dialogue: the report asked for first (where there is one), then up to `questions` about single observations. With
// sentences, an observation is asked for when a sentence names it and the answer is that sentence; with labels alone,
// yes, no or uncertain. Which wording is used follows from seed and study. Empty where the study says nothing.
std::vector<Dialogue> make_dialogues(const Study& study, int questions, uint64_t seed);

}  // namespace hilum
