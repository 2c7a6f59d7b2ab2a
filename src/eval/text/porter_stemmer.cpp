#include "eval/text/porter_stemmer.h"

#include <span>
#include <string_view>
#include <unordered_map>

namespace hilum {
namespace {

bool is_consonant(std::string_view word, size_t i) {
  switch (word[i]) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u': return false;
    case 'y': return i == 0 || !is_consonant(word, i - 1);
    default: return true;
  }
}

bool has_vowel(std::string_view word) {
  for (size_t i = 0; i < word.size(); ++i)
    if (!is_consonant(word, i)) return true;
  return false;
}

// m: how often a vowel run is followed by a consonant run.
int measure(std::string_view word) {
  int m = 0;
  bool vowel = false;
  for (size_t i = 0; i < word.size(); ++i) {
    const bool consonant = is_consonant(word, i);
    m += vowel && consonant;
    vowel = !consonant;
  }
  return m;
}

bool ends_double_consonant(std::string_view word) {
  return word.size() >= 2 && word.back() == word[word.size() - 2] && is_consonant(word, word.size() - 1);
}

// *o: ends consonant, vowel, consonant, the last not w, x or y. NLTK also takes a word of vowel and consonant alone.
bool ends_cvc(std::string_view word) {
  const size_t n = word.size();
  if (n >= 3 && is_consonant(word, n - 3) && !is_consonant(word, n - 2) && is_consonant(word, n - 1))
    return word.back() != 'w' && word.back() != 'x' && word.back() != 'y';
  return n == 2 && !is_consonant(word, 0) && is_consonant(word, 1);
}

struct Rule {
  std::string_view suffix, replacement;
};

// The first rule whose suffix fits ends the step, whether `holds(stem, rule)` lets it act or not.
template <typename Condition>
std::string apply(std::string word, std::span<const Rule> rules, const Condition& holds) {
  for (const Rule& rule : rules) {
    if (!word.ends_with(rule.suffix)) continue;
    const std::string_view stem = std::string_view(word).substr(0, word.size() - rule.suffix.size());
    if (holds(stem, rule)) return std::string(stem).append(rule.replacement);
    return word;
  }
  return word;
}

std::string step_1a(const std::string& word) {
  if (word.ends_with("ies") && word.size() == 4) return word.substr(0, 3);
  constexpr Rule kRules[] = {{"sses", "ss"}, {"ies", "i"}, {"ss", "ss"}, {"s", ""}};
  return apply(word, kRules, [](std::string_view, const Rule&) { return true; });
}

std::string step_1b(const std::string& word) {
  if (word.ends_with("ied")) return word.substr(0, word.size() - (word.size() == 4 ? 1 : 2));
  if (word.ends_with("eed"))
    return measure(std::string_view(word).substr(0, word.size() - 3)) > 0 ? word.substr(0, word.size() - 1) : word;
  std::string stem;
  for (const std::string_view suffix : {"ed", "ing"})
    if (word.ends_with(suffix)) {
      stem = word.substr(0, word.size() - suffix.size());
      if (!has_vowel(stem)) return word;
      break;
    }
  if (stem.empty()) return word;
  if (stem.ends_with("at") || stem.ends_with("bl") || stem.ends_with("iz")) return stem + "e";
  if (ends_double_consonant(stem)) {
    const char last = stem.back();
    if (last != 'l' && last != 's' && last != 'z') stem.pop_back();
    return stem;
  }
  if (measure(stem) == 1 && ends_cvc(stem)) return stem + "e";
  return stem;
}

std::string step_1c(std::string word) {
  if (word.ends_with('y') && word.size() > 2 && is_consonant(word, word.size() - 2)) word.back() = 'i';
  return word;
}

bool positive_measure(std::string_view stem, const Rule&) { return measure(stem) > 0; }

std::string step_2(const std::string& word) {
  if (word.ends_with("alli") && measure(std::string_view(word).substr(0, word.size() - 4)) > 0)
    return step_2(word.substr(0, word.size() - 2));
  constexpr Rule kRules[] = {{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"},
      {"izer", "ize"}, {"bli", "ble"}, {"alli", "al"}, {"entli", "ent"}, {"eli", "e"}, {"ousli", "ous"},
      {"ization", "ize"}, {"ation", "ate"}, {"ator", "ate"}, {"alism", "al"}, {"iveness", "ive"}, {"fulness", "ful"},
      {"ousness", "ous"}, {"aliti", "al"}, {"iviti", "ive"}, {"biliti", "ble"}, {"fulli", "ful"}, {"logi", "log"}};
  return apply(word, kRules, [](std::string_view stem, const Rule& rule) {
    // "logi": the measure counts the l, so that "radiologi" and "geologi" both lose their i.
    return rule.suffix == "logi" ? measure(std::string(stem) + "l") > 0 : measure(stem) > 0;
  });
}

std::string step_3(const std::string& word) {
  constexpr Rule kRules[] = {
      {"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""}, {"ness", ""}};
  return apply(word, kRules, positive_measure);
}

std::string step_4(const std::string& word) {
  constexpr Rule kRules[] = {{"al", ""}, {"ance", ""}, {"ence", ""}, {"er", ""}, {"ic", ""}, {"able", ""}, {"ible", ""},
      {"ant", ""}, {"ement", ""}, {"ment", ""}, {"ent", ""}, {"ion", ""}, {"ou", ""}, {"ism", ""}, {"ate", ""},
      {"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""}};
  return apply(word, kRules, [](std::string_view stem, const Rule& rule) {
    return measure(stem) > 1 && (rule.suffix != "ion" || stem.ends_with('s') || stem.ends_with('t'));
  });
}

std::string step_5(std::string word) {
  if (word.ends_with('e')) {
    const std::string_view stem = std::string_view(word).substr(0, word.size() - 1);
    const int m = measure(stem);
    if (m > 1 || (m == 1 && !ends_cvc(stem))) word.pop_back();
  }
  if (word.ends_with("ll") && measure(std::string_view(word).substr(0, word.size() - 1)) > 1) word.pop_back();
  return word;
}

}  // namespace

std::string porter_stem(const std::string& word) {
  static const std::unordered_map<std::string_view, std::string_view> irregular = {{"sky", "sky"}, {"skies", "sky"},
      {"dying", "die"}, {"lying", "lie"}, {"tying", "tie"}, {"news", "news"}, {"inning", "inning"},
      {"innings", "inning"}, {"outing", "outing"}, {"outings", "outing"}, {"canning", "canning"},
      {"cannings", "canning"}, {"howe", "howe"}, {"proceed", "proceed"}, {"exceed", "exceed"}, {"succeed", "succeed"}};
  if (const auto found = irregular.find(word); found != irregular.end()) return std::string(found->second);
  if (word.size() <= 2) return word;
  return step_5(step_4(step_3(step_2(step_1c(step_1b(step_1a(word)))))));
}

}  // namespace hilum
