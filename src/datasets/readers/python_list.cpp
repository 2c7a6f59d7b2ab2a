#include "datasets/readers/python_list.h"

#include "base/ascii.h"
#include "datasets/collector.h"

namespace hilum {

std::optional<std::vector<std::string>> parse_python_list(std::string_view text) {
  text = trim_ascii(text);
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  text = trim_ascii(text.substr(1, text.size() - 2));
  std::vector<std::string> items;
  while (!text.empty()) {
    const char quote = text.front();
    if (quote != '\'' && quote != '"') return std::nullopt;
    std::string item;
    size_t at = 1;
    for (; at < text.size() && text[at] != quote; ++at) {
      if (text[at] != '\\') {
        item += text[at];
        continue;
      }
      if (++at == text.size()) return std::nullopt;
      item += text[at] == 'n' ? '\n' : text[at] == 't' ? '\t' : text[at];
    }
    if (at >= text.size()) return std::nullopt;
    if (const auto kept = trim_ascii(item); !kept.empty()) items.emplace_back(kept);
    text = trim_ascii(text.substr(at + 1));
    if (text.empty()) break;
    if (text.front() != ',') return std::nullopt;
    text = trim_ascii(text.substr(1));
  }
  return items;
}

}  // namespace hilum
