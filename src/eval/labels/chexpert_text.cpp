#include "eval/labels/chexpert_text.h"

#include "base/ascii.h"
#include "base/replace_all.h"
#include "eval/labels/chexpert_words.h"

namespace hilum::chexpert {
namespace {

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c); }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string clean_report(std::string_view report) {
  std::string text;
  text.reserve(report.size() + 16);
  for (const char c : report) {
    if (c >= 'A' && c <= 'Z') text += static_cast<char>(c - 'A' + 'a');
    else if (is_space(c) || (c >= ' ' && c <= '~')) text += c;
  }
  replace_all(text, "and/or", "or");
  std::string spaced;  // "/" between letters, then a blank after "." and ","; ".." counts as one full stop
  spaced.reserve(text.size() + 32);
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '/' && i > 0 && i + 1 < text.size() && is_letter(text[i - 1]) && is_letter(text[i + 1])) {
      spaced += " or ";
      continue;
    }
    if (c == '.' && i + 1 < text.size() && text[i + 1] == '.') ++i;
    spaced += c;
    if (c == '.' || c == ',') spaced += ' ';
  }
  std::string out;  // white space collapsed; ". ." -> "."
  out.reserve(spaced.size());
  for (const char c : spaced) {
    if (is_space(c)) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (c == '.' && out.size() >= 2 && out.ends_with(". ")) {
      out.pop_back();  // the earlier full stop stands
    } else {
      out += c;
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::vector<std::string_view> split_sentences(std::string_view cleaned) {
  std::vector<std::string_view> sentences;
  size_t start = 0;
  const auto add = [&](size_t end) {
    while (start < end && cleaned[start] == ' ') ++start;
    if (start < end) sentences.push_back(cleaned.substr(start, end - start));
    start = end;
  };
  for (size_t i = 0; i + 1 < cleaned.size(); ++i) {
    if ((cleaned[i] != '.' && cleaned[i] != '!' && cleaned[i] != '?') || cleaned[i + 1] != ' ') continue;
    size_t word = i;
    while (word > start && cleaned[word - 1] != ' ') --word;
    const std::string_view token = cleaned.substr(word, i - word);
    if (token == "dr" || token == "mr" || token == "mrs" || token == "vs") continue;
    if (is_ascii_number(token)) continue;  // a list number
    add(i + 1);
  }
  add(cleaned.size());
  return sentences;
}

void tokenize(std::string_view sentence, std::vector<Token>& tokens) {
  tokens.clear();
  for (size_t i = 0; i < sentence.size();) {
    if (sentence[i] == ' ') {
      ++i;
      continue;
    }
    size_t end = i + 1;
    if (is_word(sentence[i]))
      while (end < sentence.size() &&
             (is_word(sentence[end]) || ((sentence[end] == '-' || sentence[end] == '\'') && end + 1 < sentence.size() &&
                                            is_word(sentence[end + 1]))))
        ++end;
    const std::string_view word = sentence.substr(i, end - i);
    const WordMeaning meaning = word_meaning(word);
    tokens.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(end), meaning.classes, meaning.roles});
    i = end;
  }
}

}  // namespace hilum::chexpert
