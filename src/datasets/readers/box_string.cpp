#include "datasets/readers/box_string.h"

#include "base/ascii.h"
#include "datasets/readers/csv_table.h"

namespace hilum {

std::optional<std::vector<BoxInText>> parse_box_string(std::string_view text) {
  constexpr size_t kWords = 6;
  const std::vector<std::string> words = split_list(text, ' ');
  if (words.empty() || words.size() % kWords != 0) return std::nullopt;
  std::vector<BoxInText> boxes;
  for (size_t i = 0; i < words.size(); i += kWords) {
    const auto x0 = number_of(words[i + 2]), y0 = number_of(words[i + 3]), x1 = number_of(words[i + 4]),
               y1 = number_of(words[i + 5]);
    if (!number_of(words[i + 1]) || !x0 || !y0 || !x1 || !y1) return std::nullopt;
    if (words[i] != "none") boxes.push_back({words[i], *x0, *y0, *x1, *y1});
  }
  return boxes;
}

}  // namespace hilum
