#include "engine/annotate/asked_phrase.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "engine/annotate/named_side.h"
#include "eval/labels/chexpert_rules.h"

namespace hilum {

std::vector<std::string> doubts_of_phrase(const std::string& phrase) {
  const std::vector<LabelMention> mentions = find_mentions(phrase);
  if (mentions.empty())
    return {
        fmt::format("the phrase \"{}\" names no finding that the {} know: whether the model knows it is not known, "
                    "and a box may show something else",
            phrase, kRulesName)};
  const bool denied =
      std::all_of(mentions.begin(), mentions.end(), [](const LabelMention& mention) { return mention.label == 0; });
  if (denied)
    return {fmt::format("the phrase \"{}\" says that nothing abnormal is there: a box has no meaning", phrase)};
  return {};
}

std::vector<std::string> doubts_of_sides(const std::string& phrase, const Report& report) {
  const FindingSide side = named_side(lower_ascii(phrase));
  if (side != FindingSide::kLeft && side != FindingSide::kRight) return {};
  const bool left = side == FindingSide::kLeft;
  const double middle = (report.used[0] + report.used[2]) / 2.0 / std::max(1, report.image_width);
  std::vector<std::string> doubts;
  for (const Finding& finding : report.findings)
    for (size_t i = 0; finding.boxes && i < finding.boxes->size(); ++i) {
      const BoxNorm& box = (*finding.boxes)[i];
      if (left ? box.x_max < middle : box.x_min > middle)
        doubts.push_back(fmt::format("box {} lies on the patient's {} if the film is not mirrored; the phrase says {}",
            i + 1, left ? "right" : "left", left ? "left" : "right"));
    }
  return doubts;
}

}  // namespace hilum
