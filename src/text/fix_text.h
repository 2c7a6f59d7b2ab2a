// Mends text that lost its form on the way, as ftfy's fix_text with its defaults (github.com/rspeer/python-ftfy, 6.3):
// HTML's references, UTF-8 that was read as Latin-1 or Windows-1252, control characters, ligatures, full-width forms,
// curly quotes, line ends, terminal escapes; then Unicode's form NFC.
//
// Otherwise than ftfy: of misread UTF-8 only a line that is one whole of it is mended, out of the two code pages named
// (ftfy knows eight more, and pieces of a line), and a line is gone over at most 64 times.
#pragma once

#include <string>
#include <string_view>

namespace hilum {

// Bytes that are not UTF-8 become U+FFFD.
std::string fix_text(std::string_view text);

}  // namespace hilum
