#include "base/utf8.h"

namespace hilum {
namespace {
constexpr std::string_view kReplacement = "\xef\xbf\xbd";
}  // namespace

std::string Utf8Pieces::push(std::string_view bytes) {
  const std::string all = open_ + std::string(bytes);
  std::string out;
  Utf8Step step;
  size_t begin = 0;  // of the character that is open
  for (size_t i = 0; i < all.size();) {
    const bool fits = step.take(static_cast<uint8_t>(all[i]));
    if (fits && step.left == 0) {
      out.append(all, begin, i + 1 - begin);
      begin = ++i;
    } else if (fits) {
      ++i;
    } else {
      out.append(kReplacement);
      if (begin == i) ++i;  // else this byte may begin a character of its own
      begin = i;
      step = {};
    }
  }
  open_ = all.substr(begin);
  return out;
}

std::string Utf8Pieces::finish() {
  const bool is_open = !open_.empty();
  open_.clear();
  return is_open ? std::string(kReplacement) : "";
}

std::string mended_utf8(std::string_view text) {
  Utf8Pieces pieces;
  const std::string whole = pieces.push(text);
  return whole + pieces.finish();
}

bool is_utf8(std::string_view text) {
  Utf8Step step;
  for (const char c : text)
    if (!step.take(static_cast<uint8_t>(c))) return false;
  return step.left == 0;
}

}  // namespace hilum
