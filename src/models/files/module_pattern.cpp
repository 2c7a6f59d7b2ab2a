#include "models/files/module_pattern.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/error.h"

namespace hilum {

ModulePattern::ModulePattern(std::string_view pattern, const std::string& where) {
  const auto refuse = [&](const std::string& what) {
    throw Error(where, "the pattern \"" + std::string(pattern) + "\" has " + what + ", which is not known here",
        "Write the names of the modules instead, each with its own value.");
  };
  if (pattern.size() > 1000)
    throw Error(where, "a pattern is " + std::to_string(pattern.size()) + " letters long", "At most 1000 are read.");
  ways_.emplace_back();
  for (size_t i = 0; i < pattern.size(); ++i) {
    std::vector<Step>& steps = ways_.back().steps;
    const char c = pattern[i];
    if (c == '|') {
      ways_.emplace_back();
    } else if (c == '^' && steps.empty()) {
      ways_.back().whole = true;
    } else if (c == '$' && (i + 1 == pattern.size() || pattern[i + 1] == '|')) {
      continue;  // every pattern ends where the name does
    } else if (c == '*' || c == '+' || c == '?') {
      if (steps.empty() || steps.back().optional || steps.back().repeated)
        refuse(std::string("a ") + c + " after nothing to repeat");
      steps.back().optional = c != '+';
      steps.back().repeated = c != '?';
    } else if (c == '\\') {
      const char next = ++i < pattern.size() ? pattern[i] : '\0';
      if (next == 'd') steps.push_back({Step::kDigit});
      else if (next == 'w') steps.push_back({Step::kWord});
      else if (std::ispunct(static_cast<unsigned char>(next))) steps.push_back({Step::kLetter, next});
      else refuse(next ? std::string("\\") + next : std::string("a \\ at its end"));
    } else if (c == '.') {
      steps.push_back({Step::kAny});
    } else if (std::string_view("()[]{}^$").find(c) != std::string_view::npos) {
      refuse(std::string("a ") + c);
    } else {
      steps.push_back({Step::kLetter, c});
    }
  }
}

bool ModulePattern::takes(const Step& step, char c) {
  switch (step.kind) {
    case Step::kLetter: return c == step.letter;
    case Step::kDigit: return is_ascii_digit(c);
    case Step::kWord: return is_ascii_alnum(c) || c == '_';
    case Step::kAny: return true;
  }
  return false;
}

// The steps that may come next are kept as a set, so that no choice is ever taken back; what may begin after a dot
// joins the set there.
bool ModulePattern::fits(const Way& way, std::string_view module) {
  const size_t end = way.steps.size();
  std::vector<char> now(end + 1, 0), after(end + 1, 0);  // [end]: all steps are done
  const auto skip_optional = [&](std::vector<char>& at) {
    for (size_t s = 0; s < end; ++s)
      if (at[s] && way.steps[s].optional) at[s + 1] = 1;
  };
  now[0] = 1;
  skip_optional(now);
  for (const char c : module) {
    after.assign(end + 1, 0);
    for (size_t s = 0; s < end; ++s) {
      if (!now[s] || !takes(way.steps[s], c)) continue;
      after[s + 1] = 1;
      if (way.steps[s].repeated) after[s] = 1;
    }
    if (c == '.' && !way.whole) after[0] = 1;
    skip_optional(after);
    now.swap(after);
  }
  return now[end];
}

bool ModulePattern::fits(std::string_view module) const {
  return std::any_of(ways_.begin(), ways_.end(), [&](const Way& way) { return fits(way, module); });
}

}  // namespace hilum
