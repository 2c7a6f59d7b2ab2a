#include "text/clean_text.h"

#include "base/error.h"
#include "text/fix_text.h"
#include "text/html_entities.h"
#include "text/unicode.h"

namespace hilum {
namespace {

// Python's " ".join(text.split()): Unicode's white space, and the four separators of ASCII.
std::string one_blank_between(std::string_view text) {
  std::string out;
  bool blank = false;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = decode_utf8(text.substr(at));
    if (is_unicode_space(point.value) || (point.value >= 0x1C && point.value <= 0x1F)) {
      blank = true;
    } else {
      if (blank && !out.empty()) out += ' ';
      blank = false;
      out += text.substr(at, static_cast<size_t>(point.length));
    }
    at += static_cast<size_t>(point.length);
  }
  return out;
}

}  // namespace

TextCleaning text_cleaning_from_name(std::string_view name) {
  if (name.empty() || name == "none") return TextCleaning::kNone;
  if (name == "open_clip") return TextCleaning::kOpenClip;
  throw Error("tokenizer.clean", "there is no cleaning \"" + std::string(name) + "\"", "Known: none, open_clip.");
}

std::string clean_text(std::string_view text, TextCleaning cleaning) {
  if (cleaning == TextCleaning::kNone) return std::string(text);
  return one_blank_between(html_unescape(html_unescape(fix_text(text))));
}

}  // namespace hilum
