// What a file that is no text is, by its first bytes: for messages where a text or a folder was expected.
#pragma once

#include <string_view>

namespace hilum {

// "a PNG picture", "a JPEG picture", "a DICOM file", "a PDF", "a zip archive", "gzip data", "text in UTF-16",
// "a web page", "a Git LFS pointer", or "binary data" where a zero byte stands among the first 4096. Empty: text.
std::string_view kind_of_file(std::string_view bytes);

}  // namespace hilum
