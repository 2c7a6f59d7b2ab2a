// Files: whole reads with a limit, read-only mappings, and writes that appear complete or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace hilum {

namespace fs = std::filesystem;

// The whole file. Throws Error naming the path: missing, a folder, larger than max_bytes, unreadable.
std::string read_file(const fs::path& path, size_t max_bytes = size_t{1} << 30);

// Writes beside the target (".part" suffix), flushes, then renames: the target is never half written.
// Creates missing parent folders. Throws Error naming the path.
void write_file(const fs::path& path, std::string_view bytes);

// What the last system call of this thread ended with, in words ("No such file or directory"): errno.
std::string errno_text();

// SHA-256 of a file or of bytes, lower-case hex.
std::string sha256_hex(std::string_view bytes);
std::string sha256_file(const fs::path& path);

// Bytes seen as text; the text lives as long as they do.
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A file mapped read-only for as long as this lives. An empty file is an Error ("is empty").
class MappedFile {
 public:
  explicit MappedFile(const fs::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  std::span<const std::byte> bytes_;
};

}  // namespace hilum
