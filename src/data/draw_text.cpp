#include "data/draw_text.h"

#include <vector>

#include "base/ascii.h"
#include "base/replace_all.h"

namespace hilum {
namespace {

bool says_nothing(std::string_view text) { return trim_ascii(text).empty(); }

// One of those that say something; empty where none does.
std::string_view draw_one(std::span<const std::string> texts, Rng& rng) {
  std::vector<std::string_view> spoken;
  for (const std::string& text : texts)
    if (!says_nothing(text)) spoken.push_back(text);
  return spoken.empty() ? std::string_view() : spoken[rng.below(static_cast<uint32_t>(spoken.size()))];
}

}  // namespace

DrawKey study_key(uint64_t seed, uint64_t step, std::string_view study_id) { return {seed, step, name_bits(study_id)}; }

std::string_view draw_report_text(std::string_view findings, std::string_view impression, const DrawKey& key) {
  const bool no_findings = says_nothing(findings), no_impression = says_nothing(impression);
  if (no_findings && no_impression) return {};
  if (no_findings || no_impression) return no_findings ? impression : findings;
  return rng_for(key, DrawPurpose::kText).chance(0.5) ? findings : impression;
}

std::string_view draw_caption(std::span<const std::string> captions, const DrawKey& key) {
  Rng rng = rng_for(key, DrawPurpose::kText);
  return draw_one(captions, rng);
}

std::string draw_tag_text(
    std::span<const std::string> tags, std::span<const std::string> templates, const DrawKey& key) {
  Rng rng = rng_for(key, DrawPurpose::kText);
  const std::string_view tag = draw_one(tags, rng);
  if (tag.empty() || templates.empty()) return std::string(tag);
  std::string text = templates[rng.below(static_cast<uint32_t>(templates.size()))];
  replace_all(text, "{}", tag);
  return text;
}

}  // namespace hilum
