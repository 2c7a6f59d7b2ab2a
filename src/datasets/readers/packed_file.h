// Files as data sets ship them: gzipped or not, and tar archives of small files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

// Inflates a gzip stream (RFC 1952; several members are joined) to at most `max_bytes`. Throws Error naming `where`.
std::string gunzip(std::string_view bytes, const std::string& where, size_t max_bytes = size_t{2} << 30);

// The file's text, inflated when it begins as gzip does, whatever its name. Throws Error naming the path.
std::string read_text_file(const std::filesystem::path& path, size_t max_bytes = size_t{2} << 30);

// A regular file of a tar archive; `bytes` points into the archive.
struct TarEntry {
  std::string name;
  std::string_view bytes;
};
// The regular files of a tar archive (POSIX ustar, and what is older); links, folders and extended headers are passed
// over. Throws Error naming `where` for an archive that is cut off or no tar.
std::vector<TarEntry> read_tar(std::string_view archive, const std::string& where);

}  // namespace hilum
