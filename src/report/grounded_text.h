// The grounded form of a report: "<obj>There is an effusion.<box><x5><y27><x44><y66></box></obj><obj>...</obj>", read
// and written. Rules: those of MAIRA-2's published processor (convert_output_to_plaintext_or_grounded_sequence).
//
//   answer  = plain | finding+                    (no blanks between items)
//   finding = "<obj>" text box* "</obj>"
//   box     = "<box>" "<x" n ">" "<y" n ">" "<x" n ">" "<y" n ">" "</box>"     x_min y_min x_max y_max, n in 0..bins-1
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/crop_finding.h"
#include "report/form/grounded_grammar.h"

namespace hilum {

enum class Mode {
  kStrict,   // as the reference: any malformed place fails the whole answer (Error)
  kLenient,  // keeps the complete findings, drops what is broken, says so in warnings. Equal to strict where strict
             // succeeds
};

struct TextSpan {
  size_t begin = 0, end = 0;  // bytes of the parsed text
  bool operator==(const TextSpan&) const = default;
};

struct GroundedText {
  std::optional<std::string>
      plain;  // the trimmed answer, when it has no grounding token at all; then there are no findings
  std::vector<CropFinding> findings;
  std::vector<TextSpan>
      spans;  // per finding: from its opening to the end of its closing token, to find its tokens again
  std::vector<std::string> warnings;
};

// Throws Error in strict mode for a malformed answer, and in both for a grammar with an empty token or without bins.
GroundedText parse_grounded(std::string_view text, Mode mode, const GroundedGrammar& grammar = {});

// The parts of that, for reading an answer as it comes (report/grounded_stream.h).
void check_grammar(const GroundedGrammar& grammar);  // throws Error as parse_grounded does
// One finding from what stands between its opening and closing token. What is malformed there is dropped, and said in
// `flaws`.
CropFinding parse_finding(std::string_view inner, const GroundedGrammar& grammar, std::vector<std::string>& flaws);
// What parse_grounded says of an answer with these flaws, the first of them first: throws Error in strict mode where
// there is one, else gives them as warnings.
std::vector<std::string> judge_flaws(const std::vector<std::string>& flaws, Mode mode);

// The inverse, for training text. A coordinate's bin is floor(coordinate * bins) clamped to 0..bins-1. Throws Error for
// text that holds a token of the grammar, an empty list of boxes (no boxes is no value) and coordinates that are no
// numbers.
std::string format_grounded(const std::vector<CropFinding>& findings, const GroundedGrammar& grammar = {});
// Throws Error for a finding's text that holds a token of the grammar: it could not be read back.
void check_no_token_in(const std::string& text, const GroundedGrammar& grammar = {});

// A bin's value is its centre, (bin + 0.5) / bins; a coordinate's bin is floor(coordinate * bins), clamped.
double bin_value(int bin, int bins);
int coordinate_bin(double coordinate, int bins);

}  // namespace hilum
