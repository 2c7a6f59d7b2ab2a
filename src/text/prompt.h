// From a preset's templates and a study's sections to the segments that are encoded (MAIRA-2's rules; the preset holds
// the words).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace hilum {

// Values for the placeholders {name} of a template. A user's words: they go in as literal text, whatever they spell.
using PromptValues = std::map<std::string, std::optional<std::string>, std::less<>>;

// Which of a preset's image parts fits: "frontal", "frontal_lateral", "frontal_prior" or "frontal_lateral_prior". The
// frontal is always there.
std::string image_case(bool has_lateral, bool has_prior);

// A preset's templates for one task and one set of images.
struct PromptTemplate {
  std::string before;         // "... USER:  "
  std::string images;         // [prompt] images.<case>, or the task's images_text
  std::string task;           // [tasks.<name>] text
  std::string after;          // "  ASSISTANT: "
  std::string empty_section;  // what a missing or empty section reads: "N/A"
};

// Replaces each {name}. No value and the empty string become `empty_section`; everything else stands verbatim,
// untrimmed. The template's own words may hold added tokens, the values never; braces in a value mean nothing.
// Neighbouring segments of a kind are joined. Throws Error for a placeholder without an entry in `values`, an unclosed
// or empty one, a stray "}".
std::vector<TextSegment> fill_template(
    std::string_view text, const PromptValues& values, const std::string& empty_section);

// before + images + task + after, filled.
std::vector<TextSegment> build_prompt(const PromptTemplate& parts, const PromptValues& values);

// The prompt as one string, for people and logs of tests.
std::string joined_text(const std::vector<TextSegment>& segments);

// The segments before, between and after the places where `marker` stands in text that may hold tokens; n markers make
// n + 1 pieces.
std::vector<std::vector<TextSegment>> split_at_marker(
    const std::vector<TextSegment>& segments, std::string_view marker);

// The prompt's ids: `bos` (a token's name; empty: none) and the segments, in which no token of the post-processor is
// added again. Throws Error when the tokenizer has no such token.
std::vector<int32_t> encode_prompt(
    const Tokenizer& tokenizer, const std::vector<TextSegment>& segments, const std::string& bos);

}  // namespace hilum
