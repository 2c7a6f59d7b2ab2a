// Which tokens of an answer count for more in training.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "text/tokenizer.h"

namespace hilum {

// One weight a token: `weight` for those that a word of `words` reaches into, else 1. Words are compared whole, without
// regard to case. Most tokens of a report are the choice among ways to say the same; the few that say what has changed
// drown among them.
std::vector<float> word_weights(
    const Tokenizer& tokenizer, std::span<const int32_t> ids, std::span<const std::string> words, float weight);

}  // namespace hilum
