#include "report/grounded_text.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "report/whitespace.h"

namespace hilum {
namespace {

constexpr const char* kGroundedText = "grounded text";

// Where the four coordinates <xA><yB><xC><yD> stand first in `text`, or what is wrong with them.
struct Corners {
  bool found = false;
  CropBox box;
  std::string trouble = "a box without four coordinates in the order x, y, x, y";
};

// <x12> at `at`: moves past it. A value of 10^6 stands for everything too large.
std::optional<int> coordinate_at(std::string_view text, size_t& at, const std::string& open, const std::string& close) {
  if (text.compare(at, open.size(), open) != 0) return std::nullopt;
  size_t i = at + open.size();
  const size_t first_digit = i;
  int value = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
    value = std::min(value * 10 + (text[i] - '0'), 1'000'000);
  if (i == first_digit || text.compare(i, close.size(), close) != 0) return std::nullopt;
  at = i + close.size();
  return value;
}

// The first quadruple anywhere in `text`, as the reference searches; extra material is ignored.
Corners find_corners(std::string_view text, const GroundedGrammar& g) {
  Corners corners;
  for (size_t start = text.find(g.x_open); start != std::string_view::npos; start = text.find(g.x_open, start + 1)) {
    size_t at = start;
    int bin[4] = {};
    int count = 0;
    for (; count < 4; ++count) {
      const auto value = coordinate_at(text, at, count % 2 == 0 ? g.x_open : g.y_open, g.coordinate_close);
      if (!value) break;
      bin[count] = *value;
    }
    if (count < 4) continue;
    corners.found = std::all_of(bin, bin + 4, [&](int b) { return b < g.bins; });
    if (!corners.found) corners.trouble = "a box coordinate beyond bin " + std::to_string(g.bins - 1);
    corners.box = {
        bin_value(bin[0], g.bins), bin_value(bin[1], g.bins), bin_value(bin[2], g.bins), bin_value(bin[3], g.bins)};
    return corners;
  }
  return corners;
}

// Cuts `text` at `close` into pieces that each begin with `open`; the rule for findings and for boxes.
struct Pieces {
  struct Piece {
    size_t begin, inner_begin, inner_end, end;
  };  // bytes of the text: with tokens, and between them
  std::vector<Piece> complete;
  std::string trouble;  // what stands in the way of a perfect split, "" where nothing does
};

Pieces split_pieces(std::string_view text, const std::string& open, const std::string& close) {
  Pieces pieces;
  size_t at = 0;
  const auto note = [&](const std::string& what) {
    if (pieces.trouble.empty()) pieces.trouble = what;
  };
  while (true) {
    const size_t begin = text.find(open, at);
    const size_t outside_end = begin == std::string_view::npos ? text.size() : begin;
    if (outside_end > at) note("text outside " + open + " ... " + close);
    if (begin == std::string_view::npos) return pieces;
    const size_t inner = begin + open.size(), stop = text.find(close, inner);
    if (stop == std::string_view::npos) {
      note("no " + close + " after the last " + open);
      return pieces;
    }
    at = stop + close.size();
    pieces.complete.push_back({begin, inner, stop, at});
  }
}

}  // namespace

CropFinding parse_finding(std::string_view inner, const GroundedGrammar& grammar, std::vector<std::string>& flaws) {
  CropFinding finding;
  const size_t first_box = inner.find(grammar.box_open);
  if (first_box == std::string_view::npos) {
    const size_t stray = inner.find(grammar.box_close);
    if (stray != std::string_view::npos) {
      flaws.push_back(grammar.box_close + " without " + grammar.box_open);
      inner = inner.substr(0, stray);
    }
    finding.text = std::string(trim_left(inner));  // the reference trims such a finding on the left only
    return finding;
  }
  const std::string_view boxes = inner.substr(first_box);
  finding.text = std::string(trim(inner.substr(0, first_box)));
  const Pieces split = split_pieces(boxes, grammar.box_open, grammar.box_close);
  if (!split.trouble.empty()) flaws.push_back(split.trouble + "; what is outside was dropped");
  std::vector<CropBox> good;
  for (const Pieces::Piece& box : split.complete) {
    const Corners corners = find_corners(boxes.substr(box.inner_begin, box.inner_end - box.inner_begin), grammar);
    if (!corners.found) flaws.push_back(corners.trouble + "; that box was dropped");
    else good.push_back(corners.box);
  }
  if (!good.empty()) finding.boxes = std::move(good);
  return finding;
}

std::vector<std::string> judge_flaws(const std::vector<std::string>& flaws, Mode mode) {
  if (mode == Mode::kStrict && !flaws.empty())
    throw Error(
        kGroundedText, "malformed answer: " + flaws.front(), "Use the lenient mode to keep its complete findings.");
  std::vector<std::string> warnings;
  for (const std::string& flaw : flaws) warnings.push_back("malformed model output: " + flaw);
  return warnings;
}

void check_grammar(const GroundedGrammar& grammar) {
  for (const std::string* token : {&grammar.finding_open, &grammar.finding_close, &grammar.box_open, &grammar.box_close,
           &grammar.x_open, &grammar.y_open, &grammar.coordinate_close})
    check(!token->empty(), kGroundedText, "the grammar has an empty token", "Mend the preset's [grammar].");
  check(grammar.bins > 0 && grammar.bins <= 100'000, kGroundedText,
      "the grammar has " + std::to_string(grammar.bins) + " bins");
}

GroundedText parse_grounded(std::string_view whole, Mode mode, const GroundedGrammar& grammar) {
  check_grammar(grammar);
  GroundedText result;
  const std::string_view text = trim(whole);
  const size_t offset = static_cast<size_t>(text.data() - whole.data());
  const auto has = [&](const std::string& token) { return text.find(token) != std::string_view::npos; };
  if (!has(grammar.finding_open) && !has(grammar.finding_close) && !has(grammar.box_open) && !has(grammar.box_close)) {
    result.plain = std::string(text);
    return result;
  }
  std::vector<std::string> flaws;
  const Pieces split = split_pieces(text, grammar.finding_open, grammar.finding_close);
  if (!split.trouble.empty()) flaws.push_back(split.trouble + "; what is outside complete findings was dropped");
  for (const Pieces::Piece& piece : split.complete) {
    result.findings.push_back(
        parse_finding(text.substr(piece.inner_begin, piece.inner_end - piece.inner_begin), grammar, flaws));
    result.spans.push_back({offset + piece.begin, offset + piece.end});
  }
  result.warnings = judge_flaws(flaws, mode);
  return result;
}

double bin_value(int bin, int bins) { return (bin + 0.5) / bins; }

int coordinate_bin(double coordinate, int bins) {
  check(std::isfinite(coordinate), kGroundedText, "a box coordinate is no finite number");
  return static_cast<int>(std::clamp(std::floor(coordinate * bins), 0.0, bins - 1.0));
}

void check_no_token_in(const std::string& text, const GroundedGrammar& grammar) {
  for (const std::string& token : {grammar.finding_open, grammar.finding_close, grammar.box_open, grammar.box_close})
    check(text.find(token) == std::string::npos, kGroundedText,
        "the finding \"" + text + "\" contains the token " + token);
}

std::string format_grounded(const std::vector<CropFinding>& findings, const GroundedGrammar& g) {
  std::string out;
  for (const CropFinding& finding : findings) {
    check_no_token_in(finding.text, g);
    out += g.finding_open + finding.text;
    check(!finding.boxes || !finding.boxes->empty(), kGroundedText,
        "the finding \"" + finding.text + "\" has an empty list of boxes", "A finding without boxes has null.");
    if (finding.boxes)
      for (const CropBox& box : *finding.boxes) {
        const auto token = [&](const std::string& open, double value) {
          out += open + std::to_string(coordinate_bin(value, g.bins)) + g.coordinate_close;
        };
        out += g.box_open;
        token(g.x_open, box.x_min);
        token(g.y_open, box.y_min);
        token(g.x_open, box.x_max);
        token(g.y_open, box.y_max);
        out += g.box_close;
      }
    out += g.finding_close;
  }
  return out;
}

}  // namespace hilum
