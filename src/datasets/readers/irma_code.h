// The IRMA code: TTTT-DDD-AAA-BBB, four axes of digits and letters, each position within the one before (Lehmann et
// al., "The IRMA code for unique classification of medical images", 2003). 0 is "unspecified" and ends a path.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hilum {

enum class IrmaAxis { kTechnical, kDirectional, kAnatomical, kBiological };

using IrmaCode = std::array<std::string, 4>;                          // by axis
using IrmaNames = std::array<std::map<std::string, std::string>, 4>;  // by axis: "52" -> "lung"

// "1121-127-700-500", or the same without dashes; letters in either case. No value for anything else.
std::optional<IrmaCode> parse_irma_code(std::string_view text);

// The names that public pages and loaders give. The full tables are not public; what is missing here is not guessed.
const IrmaNames& irma_names();

struct IrmaText {
  std::string text;
  bool whole = true;  // every position of modality, direction and region up to its first 0 has a name
};

// Region and view as the texts of MedImageInsight have them: "x-ray chest unspecified, coronal posteroanterior (PA)".
// Modality, then the names along the region, a comma, and the names along the direction; a region without second
// position is "unspecified". A path ends before the first position without a name.
IrmaText irma_text(const IrmaCode& code, const IrmaNames& names);

}  // namespace hilum
