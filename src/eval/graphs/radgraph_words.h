// A report as the words RadGraph's models were trained on. Source: Stanford-AIMI/radgraph; evaluation sheet,
// section 3.2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// kV1: the first model; a blank around each of / , : . ! ? ( ). kXl: RadGraph-XL and later; runs of word characters and
// runs of others.
enum class RadGraphWords { kV1, kXl };

// Case is kept. An empty report is the word "None".
std::vector<std::string> radgraph_words(std::string_view report, RadGraphWords form);

}  // namespace hilum
