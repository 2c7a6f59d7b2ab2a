#include "text/prompt.h"

#include "base/error.h"

namespace hilum {
namespace {

void append(std::vector<TextSegment>& segments, std::string_view text, bool allow_added) {
  if (text.empty()) return;
  if (segments.empty() || segments.back().allow_added != allow_added) segments.push_back({"", allow_added});
  segments.back().text += text;
}

}  // namespace

std::string image_case(bool has_lateral, bool has_prior) {
  return std::string("frontal") + (has_lateral ? "_lateral" : "") + (has_prior ? "_prior" : "");
}

std::vector<TextSegment> fill_template(
    std::string_view text, const PromptValues& values, const std::string& empty_section) {
  constexpr const char* kWhere = "prompt template";
  const std::string mend = "Mend the preset's template \"" + std::string(text.substr(0, 60)) + "\".";
  std::vector<TextSegment> segments;
  while (!text.empty()) {
    const size_t brace = text.find_first_of("{}");
    append(segments, text.substr(0, brace), true);
    if (brace == std::string_view::npos) break;
    check(text[brace] == '{', kWhere, "has a \"}\" without \"{\"", mend);
    text.remove_prefix(brace + 1);
    const size_t close = text.find_first_of("{}");
    check(close != std::string_view::npos && text[close] == '}', kWhere, "has a \"{\" that is not closed", mend);
    const std::string_view name = text.substr(0, close);
    const auto value = values.find(name);
    check(value != values.end(), kWhere, "names the unknown placeholder {" + std::string(name) + "}", mend);
    // What stands for an empty section is the preset's word, but it is treated as a user's: it needs no tokens either.
    append(segments, value->second && !value->second->empty() ? *value->second : empty_section, false);
    text.remove_prefix(close + 1);
  }
  return segments;
}

std::vector<TextSegment> build_prompt(const PromptTemplate& parts, const PromptValues& values) {
  std::vector<TextSegment> prompt;
  for (const std::string* part : {&parts.before, &parts.images, &parts.task, &parts.after})
    for (const TextSegment& segment : fill_template(*part, values, parts.empty_section))
      append(prompt, segment.text, segment.allow_added);
  return prompt;
}

std::string joined_text(const std::vector<TextSegment>& segments) {
  std::string text;
  for (const TextSegment& segment : segments) text += segment.text;
  return text;
}

std::vector<std::vector<TextSegment>> split_at_marker(
    const std::vector<TextSegment>& segments, std::string_view marker) {
  std::vector<std::vector<TextSegment>> pieces(1);
  for (const TextSegment& segment : segments) {
    std::string_view rest = segment.text;
    for (size_t at = 0; segment.allow_added && (at = rest.find(marker)) != std::string_view::npos;
        rest.remove_prefix(at + marker.size())) {
      append(pieces.back(), rest.substr(0, at), true);
      pieces.emplace_back();
    }
    append(pieces.back(), rest, segment.allow_added);
  }
  return pieces;
}

std::vector<int32_t> encode_prompt(
    const Tokenizer& tokenizer, const std::vector<TextSegment>& segments, const std::string& bos) {
  std::vector<int32_t> ids;
  if (!bos.empty()) {
    const auto id = tokenizer.id(bos);
    check(id.has_value(), "prompt", "the tokenizer has no token \"" + bos + "\"",
        "Do preset and tokenizer belong together?");
    ids.push_back(*id);
  }
  const std::vector<int32_t> text = tokenizer.encode_segments(segments, false);
  ids.insert(ids.end(), text.begin(), text.end());
  return ids;
}

}  // namespace hilum
