// Text that comes in pieces of bytes, given on as whole characters: an answer's tokens may end inside one.
#pragma once

#include <string>
#include <string_view>

namespace hilum {

class Utf8Pieces {
 public:
  // Everything that is complete by now; "" while a character is open. Bytes that are not UTF-8 (RFC 3629) come out as U+FFFD, one for
  // each longest beginning of a character (Unicode 15, section 3.9).
  std::string push(std::string_view bytes);
  // At the end: an open character as U+FFFD, else "".
  std::string finish();

 private:
  std::string open_;   // the beginning of one character, at most 3 bytes
};

// The whole of a text so mended.
std::string mended_utf8(std::string_view text);
bool is_whole_utf8(std::string_view text);

}  // namespace hilum
