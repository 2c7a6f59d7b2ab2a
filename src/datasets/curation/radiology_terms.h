// Which dialogues are about radiology: a list of words, radiology_terms.txt.
#pragma once

#include <string_view>

namespace hilum {

extern const char* const kRadiologyTerms;  // the file: a term a line, '#' begins a remark

// Does the text hold one of the terms as a whole word, in any case, a plural "s" included?
bool names_radiology(std::string_view text);

}  // namespace hilum
