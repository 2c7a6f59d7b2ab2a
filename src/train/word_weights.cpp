#include "train/word_weights.h"

#include <algorithm>

#include "base/ascii.h"

namespace hilum {

std::vector<float> word_weights(
    const Tokenizer& tokenizer, std::span<const int32_t> ids, std::span<const std::string> words, float weight) {
  std::string text;
  std::vector<size_t> ends;  // of each token in the text
  for (const int32_t& id : ids) {
    text += tokenizer.decode({&id, 1}, /*skip_special=*/false);
    ends.push_back(text.size());
  }
  text = lower_ascii(text);

  std::vector<float> weights(ids.size(), 1);
  for (size_t begin = 0; begin < text.size();) {
    if (!is_ascii_letter(text[begin])) {
      ++begin;
      continue;
    }
    const size_t end = static_cast<size_t>(
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), is_ascii_letter) -
        text.begin());
    if (std::find(words.begin(), words.end(), text.substr(begin, end - begin)) != words.end()) {
      const auto first = std::upper_bound(ends.begin(), ends.end(), begin),
                 last = std::lower_bound(ends.begin(), ends.end(), end);
      std::fill(weights.begin() + (first - ends.begin()), weights.begin() + (last - ends.begin()) + 1, weight);
    }
    begin = end;
  }
  return weights;
}

}  // namespace hilum
