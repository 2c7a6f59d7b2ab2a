#include "base/file_kind.h"

#include <string>

#include "base/ascii.h"

namespace hilum {

std::string_view kind_of_file(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return "a PNG picture";
  if (bytes.starts_with("\xff\xd8\xff"sv)) return "a JPEG picture";
  if (bytes.size() >= 132 && bytes.substr(128, 4) == "DICM"sv) return "a DICOM file";
  if (bytes.starts_with("%PDF-"sv)) return "a PDF";
  if (bytes.starts_with("PK\x03\x04"sv)) return "a zip archive";
  if (bytes.starts_with("\x1f\x8b"sv)) return "gzip data";
  if (bytes.starts_with("\xff\xfe"sv) || bytes.starts_with("\xfe\xff"sv)) return "text in UTF-16";
  if (bytes.starts_with("version https://git-lfs"sv)) return "a Git LFS pointer";
  const std::string head = lower_ascii(trim_ascii(bytes.substr(0, 64)));
  if (head.starts_with("<!doctype html") || head.starts_with("<html")) return "a web page";
  return bytes.substr(0, 4096).find('\0') == std::string_view::npos ? ""sv : "binary data"sv;
}

}  // namespace hilum
