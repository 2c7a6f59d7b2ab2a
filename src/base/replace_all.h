// Replaces every occurrence of a string in a text, left to right.
#pragma once

#include <string>
#include <string_view>

namespace hilum {

inline void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (text.find(from) == std::string::npos) return;
  std::string out;
  size_t at = 0;
  for (size_t hit; (hit = text.find(from, at)) != std::string::npos; at = hit + from.size())
    out.append(text, at, hit - at).append(to);
  out.append(text, at);
  text = std::move(out);
}

}  // namespace hilum
