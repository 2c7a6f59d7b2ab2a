// Patterns of module names, as rank_pattern and alpha_pattern of an adapter_config.json write them.
// Source: PEFT 0.20, get_pattern_key: a module fits where Python's re.match("(.*\.)?(PATTERN)$", name) does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// The part of Python's expressions that such names need: letters, "." (any), \d \w and escaped signs, each with * + or
// ?, alternatives by |, a leading ^ (the whole name) and a closing $. Matching takes time in proportion to name and
// pattern, whatever they are.
class ModulePattern {
 public:
  // Throws Error(where, ...) naming the pattern for what is not known here: groups, [sets], {counts}, other escapes.
  ModulePattern(std::string_view pattern, const std::string& where);

  // Whether the name, or its end after some dot, is what the pattern says: "q_proj" fits "layers.0.q_proj", not
  // "layers.0.my_q_proj".
  bool fits(std::string_view module) const;

 private:
  struct Step {
    enum Kind { kLetter, kAny, kDigit, kWord } kind;
    char letter = 0;
    bool optional = false, repeated = false;
  };
  struct Way {
    bool whole = false;  // begins with ^
    std::vector<Step> steps;
  };
  static bool takes(const Step& step, char c);
  static bool fits(const Way& way, std::string_view module);
  std::vector<Way> ways_;
};

}  // namespace hilum
