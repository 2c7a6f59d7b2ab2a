// The Porter stemmer (Porter 1980) with the changes NLTK makes by default (evaluation sheet 4.2).
#pragma once

#include <string>

namespace hilum {

// The stem of a lower-case word of [a-z0-9].
std::string porter_stem(const std::string& word);

}  // namespace hilum
