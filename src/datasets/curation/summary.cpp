#include "datasets/curation/summary.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "datasets/collector.h"
#include "datasets/curation/pattern.h"
#include "datasets/curation/summary_rules.h"
#include "datasets/sentences.h"

namespace hilum {
namespace {

struct CompiledRule {
  const SentenceRule& rule;
  Pattern pattern, also;
};

const std::vector<CompiledRule>& compiled_rules() {
  static const std::vector<CompiledRule> kCompiled = [] {
    std::vector<CompiledRule> all;
    for (const SentenceRule& rule : summary_rules())
      all.push_back({rule, Pattern(rule.pattern, rule.id), Pattern(rule.also, rule.id)});
    return all;
  }();
  return kCompiled;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// First letter small where the second is small or a blank ("CT" and "PICC" stay).
std::string lower_first(std::string text) {
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && (is_lower(text[1]) || text[1] == ' '))
    text[0] = static_cast<char>(text[0] + 32);
  return text;
}

std::string tidy(std::string_view text) {
  std::string out;
  for (const char c : single_spaced(text)) {
    if ((c == ',' || c == ';' || c == ':' || c == '.') && !out.empty() && out.back() == ' ') out.pop_back();
    out += c;
  }
  out.erase(out.find_last_not_of(",;: ") + 1);
  out.erase(0, std::min(out.find_first_not_of(",;:. "), out.size()));
  if (!out.empty() && is_lower(out[0])) out[0] = static_cast<char>(out[0] - 32);
  return out;
}

bool has_mask(const std::string& text) {
  return text.find("__") != std::string::npos || text.find("XXXX") != std::string::npos;
}

std::string without_clauses(const std::string& sentence, const Pattern& begins, const Pattern& holds) {
  std::string out;
  for (size_t at = 0; at <= sentence.size();) {
    const size_t end = std::min(sentence.find(", ", at), sentence.size());
    const std::string part = sentence.substr(at, end - at);
    if (at == 0) out = part;
    else if (!(begins.found_in(part) && holds.found_in(part))) out += ", " + part;
    at = end + 2;
  }
  return out;
}

// Step C. No value: the sentence was dropped, by the rule named in `why`.
std::optional<std::string> cleaned(std::string s, SummaryMode mode, std::string& why) {
  using Kind = SentenceRule::Kind;
  bool masked = has_mask(s);
  for (const auto& [rule, pattern, also] : compiled_rules()) {
    if (rule.strict_only && mode != SummaryMode::kStrict) continue;
    if (rule.masked_only && !masked) continue;
    why = rule.id;
    switch (rule.kind) {
      case Kind::kDrop:
        if (pattern.found_in(s)) return std::nullopt;
        break;
      case Kind::kDropBoth:
        if (pattern.found_in(s) && also.found_in(s)) return std::nullopt;
        break;
      case Kind::kReplace: s = pattern.replace_all(s, rule.with); break;
      case Kind::kReplaceRepeat:
        for (std::string next; (next = pattern.replace_all(s, rule.with)) != s;) s = std::move(next);
        break;
      case Kind::kThereIs:
        if (const auto groups = pattern.groups(s); !groups.empty()) s = "There is " + lower_first(groups[1]);
        break;
      case Kind::kDropClauses: s = without_clauses(s, pattern, also); break;
      case Kind::kDropShort:
        if (count_words(s) < 2) return std::nullopt;
        break;
      case Kind::kTidy: s = tidy(s); break;
    }
    if (!rule.masked_only) masked = has_mask(s);
  }
  return s;
}

// The word that decides between "is" and "are": the last one before the first of these.
std::string head_noun(std::string_view text) {
  size_t end = text.size();
  for (const char* stop : {",", " or ", " and ", " in ", " of ", " to ", " within ", " at ", " on "})
    end = std::min(end, text.find(stop));
  const std::string_view phrase = trim_ascii(text.substr(0, end));
  const size_t blank = phrase.find_last_of(' ');
  return lower_ascii(blank == std::string_view::npos ? phrase : phrase.substr(blank + 1));
}

bool is_plural(const std::string& noun) {
  if (noun.size() <= 3 || noun.back() != 's') return false;
  for (const char* ending : {"ss", "us", "is", "as"})
    if (noun.ends_with(ending)) return false;
  return true;
}

// Step K.
std::string canonical(const std::string& s) {
  static const Pattern finite(kFiniteVerb, "K"), anatomy(kAnatomyFirst, "K"), advice(kAdviceFirst, "K"),
      no("^no ", "K"), there("^there\\b", "K"), article("^(?:an?|the|this|these) ", "K");
  const bool has_verb = finite.found_in(s);
  const auto there_is = [](const std::string& noun) { return is_plural(noun) ? "There are " : "There is "; };
  if (no.found_in(s) && !has_verb) return there_is(head_noun(std::string_view(s).substr(3))) + lower_first(s);
  if (there.found_in(s)) return s;
  if (has_verb) return anatomy.found_in(s) ? "The " + lower_first(s) : s;
  if (advice.found_in(s)) return s;
  const std::string noun = head_noun(s);
  std::string phrase = lower_first(s);
  if (!article.found_in(s) && std::find(kSingularNouns.begin(), kSingularNouns.end(), noun) != kSingularNouns.end())
    phrase =
        (std::string_view("aeiou").find(lower_ascii(phrase.substr(0, 1))) != std::string_view::npos ? "an " : "a ") +
        phrase;
  return there_is(noun) + phrase;
}

std::vector<std::string> clean_sentences(
    const std::string& section, SummaryMode mode, std::vector<DroppedSentence>& dropped) {
  std::vector<std::string> out;
  for (const std::string& sentence : split_sentences(section, false)) {
    std::string rule;
    if (auto clean = cleaned(sentence, mode, rule)) out.push_back(canonical(*clean));
    else dropped.push_back({rule, sentence});
  }
  return out;
}

// Letters and digits alone, small: what "equal, case and punctuation ignored" compares.
std::string bare(std::string_view text) {
  std::string out;
  for (const char c : lower_ascii(text))
    if (is_lower(c) || (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) & 0x80)) out += c;
  return out;
}

}  // namespace

std::string normalised_section(std::string_view text) {
  static const Pattern masked_xray(kMaskedXray, "N"), list_marker(kListMarker, "N");
  return list_marker.replace_all(single_spaced(masked_xray.replace_all(text, "$1-ray")), "$1");
}

std::string too_little(std::string_view findings, std::string_view impression, const SummaryLimits& limits) {
  const int findings_words = count_words(normalised_section(findings)),
            impression_words = count_words(normalised_section(impression));
  if (findings_words == 0 || impression_words == 0) return "missing_section";
  if (findings_words < limits.findings_words) return "findings_short";
  return impression_words < limits.impression_words ? "impression_short" : "";
}

Summary summarise(
    std::string_view findings, std::string_view impression, SummaryMode mode, const SummaryLimits& limits) {
  Summary out;
  out.why = too_little(findings, impression, limits);
  if (!out.why.empty()) return out;
  const std::string f = normalised_section(findings), i = normalised_section(impression);
  const std::vector<std::string> seen = clean_sentences(f, mode, out.dropped);
  std::vector<std::string> concluded = clean_sentences(i, mode, out.dropped);
  if (seen.empty() || concluded.empty()) {
    out.why = "empty_after_clean";
    return out;
  }

  // Step M: what the impression only says again goes, but for the first where nothing else is left
  if (concluded.size() > 1) {
    const std::string first = concluded.front();
    std::erase_if(concluded, [&](const std::string& s) {
      return std::any_of(seen.begin(), seen.end(), [&](const std::string& t) { return bare(s) == bare(t); });
    });
    if (concluded.empty()) concluded.push_back(first);
  }
  static const Pattern there_is("^there (?:is|are) (.+)$", "M");
  const auto opening = there_is.groups(seen.front());
  out.text = opening.empty() ? "The chest x-ray findings reveal that " + lower_first(seen.front())
                             : "The chest x-ray findings reveal " + opening[1];
  for (size_t k = 1; k < seen.size(); ++k) out.text += ". " + seen[k];
  out.text += ". The impression suggests that " + lower_first(concluded.front());
  for (size_t k = 1; k < concluded.size(); ++k) out.text += ". " + concluded[k];
  out.text += ".";
  return out;
}

}  // namespace hilum
