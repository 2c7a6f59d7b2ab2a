#include "engine/annotate/named_side.h"

#include "base/ascii.h"

namespace hilum {
namespace {

bool has_word(const std::string& text, const std::string& word) {
  const auto is_letter = [&](size_t i) { return i < text.size() && is_ascii_letter(text[i]); };
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    if (!(at > 0 && is_letter(at - 1)) && !is_letter(at + word.size())) return true;
  return false;
}

}  // namespace

FindingSide named_side(const std::string& text) {
  const bool left = has_word(text, "left"), right = has_word(text, "right");
  if (has_word(text, "bilateral") || has_word(text, "both")) return FindingSide::kBilateral;
  if (left && right) return FindingSide::kNotSaid;
  return left ? FindingSide::kLeft : right ? FindingSide::kRight : FindingSide::kNotSaid;
}

}  // namespace hilum
