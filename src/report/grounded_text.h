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

#include "report/report.h"

namespace hilum {

// The tokens of the form; a preset's [grammar]. Defaults: MAIRA-2's.
struct GroundedGrammar {
  std::string finding_open = "<obj>", finding_close = "</obj>";
  std::string box_open = "<box>", box_close = "</box>";
  std::string x_open = "<x", y_open = "<y", coordinate_close = ">";
  int bins = 100;
};

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
  std::vector<Finding> findings;  // boxes in 0..1 of the picture the model saw; no value where a finding has none
  std::vector<TextSpan>
      spans;  // per finding: from its opening to the end of its closing token, to find its tokens again
  std::vector<std::string> warnings;
};

// Throws Error in strict mode for a malformed answer, and in both for a grammar with an empty token or without bins.
GroundedText parse_grounded(std::string_view text, Mode mode, const GroundedGrammar& grammar = {});

// The inverse, for training text. Boxes in 0..1 of the picture the model sees, floor(coordinate * bins) clamped to
// 0..bins-1. Throws Error for text that holds a token of the grammar, an empty list of boxes (no boxes is no value) and
// coordinates that are no numbers.
std::string format_grounded(const std::vector<Finding>& findings, const GroundedGrammar& grammar = {});
// One finding up to the boxes, "<obj>text": what box completion forces before the model writes boxes.
std::string format_grounded_start(const std::string& text, const GroundedGrammar& grammar = {});

// A bin's value is its centre, (bin + 0.5) / bins; a coordinate's bin is floor(coordinate * bins), clamped.
double bin_value(int bin, int bins);
int coordinate_bin(double coordinate, int bins);

}  // namespace hilum
