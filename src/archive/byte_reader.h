// Little-endian numbers and runs of bytes out of a file held in memory; every step is checked against the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hilum {

inline const char* const kDamagedFile = "The file is damaged or cut short: fetch it again.";

class ByteReader {
 public:
  // Reads [begin, end) of `file`; positions and messages count from the file's first byte. `where` (the path) must
  // outlive this.
  ByteReader(std::span<const std::byte> file, size_t begin, size_t end, const std::string& where)
      : file_(file), at_(begin), end_(end), where_(where) {
    invariant(begin <= end && end <= file.size(), "a range inside the file");
  }

  size_t at() const { return at_; }
  size_t left() const { return end_ - at_; }

  // Throws Error naming file and byte where fewer than `count` bytes are left.
  std::string_view take(uint64_t count) {
    if (count > left())
      fail(
          at_, "wants " + std::to_string(count) + " more bytes, " + std::to_string(left()) + " are left", kDamagedFile);
    const std::string_view bytes(reinterpret_cast<const char*>(file_.data()) + at_, static_cast<size_t>(count));
    at_ += static_cast<size_t>(count);
    return bytes;
  }
  uint64_t number(int bytes) {  // 1 to 8 bytes, unsigned
    const std::string_view taken = take(static_cast<uint64_t>(bytes));
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i)
      value |= static_cast<uint64_t>(static_cast<unsigned char>(taken[static_cast<size_t>(i)])) << (8 * i);
    return value;
  }
  std::string_view line() {  // up to a newline, which is taken and not given
    const std::string_view rest(reinterpret_cast<const char*>(file_.data()) + at_, left());
    const size_t length = rest.find('\n');
    if (length == std::string_view::npos) fail(at_, "a line does not end", kDamagedFile);
    take(length + 1);
    return rest.substr(0, length);
  }

  [[noreturn]] void fail(size_t at, const std::string& what, const std::string& mend) const {
    throw Error(where_ + ": byte " + std::to_string(at), what, mend);
  }

 private:
  std::span<const std::byte> file_;
  size_t at_, end_;
  const std::string& where_;
};

}  // namespace hilum
