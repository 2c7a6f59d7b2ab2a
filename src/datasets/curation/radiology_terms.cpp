#include "datasets/curation/radiology_terms.h"

#include <string>

#include "base/ascii.h"
#include "base/error.h"
#include "datasets/curation/pattern.h"

namespace hilum {
namespace {

Pattern pattern_of_terms() {
  std::string any;
  for (const std::string& term : split_list(kRadiologyTerms, '\n')) {
    if (term.starts_with("#")) continue;
    for (const char c : term) invariant(is_ascii_alnum(c) || c == ' ' || c == '-', "a term is of letters and digits");
    any += (any.empty() ? "" : "|") + term;
  }
  return Pattern("\\b(?:" + any + ")s?\\b", "radiology_terms.txt");
}

}  // namespace

bool names_radiology(std::string_view text) {
  static const Pattern kTerms = pattern_of_terms();
  return kTerms.found_in(text);
}

}  // namespace hilum
