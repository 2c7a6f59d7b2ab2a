// Is this text UTF-8? Files that mix encodings are told by the first line that is not.
#pragma once

#include <string_view>

namespace hilum {

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace hilum
