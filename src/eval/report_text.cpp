#include "eval/report_text.h"

#include <unordered_map>

#include "image/geometry.h"

namespace hilum {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

void append_collapsed(std::string& text, std::string_view more) {
  bool gap = !text.empty();
  for (const char c : more) {
    if (is_space(c)) {
      gap = !text.empty();
      continue;
    }
    if (gap) text += ' ';
    gap = false;
    text += c;
  }
}

}  // namespace

std::string text_of(const std::vector<Finding>& findings, const std::optional<std::string>& report) {
  std::string text;
  for (const Finding& finding : findings) append_collapsed(text, finding.text);
  if (text.empty() && report) append_collapsed(text, *report);
  return text;
}

std::string lines_of(const std::vector<Finding>& findings, const std::optional<std::string>& report) {
  std::string text;
  for (const Finding& finding : findings) (text += text.empty() ? "" : " ") += finding.text;
  return text.empty() && report ? *report : text;
}

FoundBoxes boxes_of(const std::vector<Finding>& findings) {
  FoundBoxes found;
  for (const Finding& finding : findings) {
    if (!finding.boxes) continue;
    for (const BoxNorm& box : *finding.boxes) {
      if (is_valid_box(box)) found.boxes.push_back(box);
      else ++found.num_invalid;
    }
  }
  return found;
}

std::string not_well_formed(const Report& report) {
  if (report.finish != Finish::kStop) return "finish is \"" + std::string(finish_word(report.finish)) + "\"";
  if (text_of(report.findings, report.report).empty()) return "no text";
  for (const Finding& finding : report.findings) {
    if (text_of({finding}, std::nullopt).empty()) return "a finding without text";
    if (!finding.boxes) continue;
    if (finding.boxes->empty()) return "an empty list of boxes";
    for (const BoxNorm& box : *finding.boxes)
      if (!is_valid_box(box) || box.x_min == box.x_max || box.y_min == box.y_max)
        return "a box that is inverted, empty or outside 0..1";
  }
  return "";
}

MostCommon most_common(std::span<const std::string> texts) {
  std::unordered_map<std::string_view, MostCommon> seen;
  MostCommon best;
  for (size_t i = 0; i < texts.size(); ++i) ++seen.try_emplace(texts[i], MostCommon{i, 0}).first->second.count;
  for (const auto& [text, one] : seen)
    if (one.count > best.count || (one.count == best.count && one.index < best.index)) best = one;
  return best;
}

}  // namespace hilum
