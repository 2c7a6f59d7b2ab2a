#include "datasets/readers/packed_file.h"

#include <algorithm>

#include <zlib.h>

#include "base/error.h"
#include "base/file.h"

namespace hilum {

std::string gunzip(std::string_view bytes, const std::string& where, size_t max_bytes) {
  struct Inflater {
    z_stream z{};
    Inflater() { invariant(inflateInit2(&z, MAX_WBITS + 16) == Z_OK, "zlib starts"); }
    ~Inflater() { inflateEnd(&z); }
  } inflater;
  z_stream& z = inflater.z;
  std::string out;
  std::vector<char> block(1 << 18);
  size_t fed = 0;
  int code = Z_OK;
  while (true) {
    if (z.avail_in == 0 && fed < bytes.size()) {
      const size_t take = std::min<size_t>(bytes.size() - fed, 1u << 30);
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + fed));
      z.avail_in = static_cast<uInt>(take);
      fed += take;
    }
    z.next_out = reinterpret_cast<Bytef*>(block.data());
    z.avail_out = static_cast<uInt>(block.size());
    code = inflate(&z, Z_NO_FLUSH);
    const size_t made = block.size() - z.avail_out;
    check(out.size() + made <= max_bytes, where.c_str(),
        "inflates to more than " + std::to_string(max_bytes >> 20) + " MiB", "Is it the file it should be?");
    out.append(block.data(), made);
    if (code == Z_STREAM_END) {
      if (z.avail_in == 0 && fed == bytes.size()) return out;
      if (z.avail_in < 2 || z.next_in[0] != 0x1f || z.next_in[1] != 0x8b) return out;  // padding after the last member
      inflateReset(&z);
    } else {
      check(code == Z_OK && (made > 0 || z.avail_in > 0 || fed < bytes.size()), where.c_str(),
          "is a damaged or truncated gzip file", "Fetch it again.");
    }
  }
}

std::string read_text_file(const std::filesystem::path& path, size_t max_bytes) {
  std::string bytes = read_file(path, max_bytes);
  return bytes.starts_with("\x1f\x8b") ? gunzip(bytes, path.string(), max_bytes) : bytes;
}

std::vector<TarEntry> read_tar(std::string_view archive, const std::string& where) {
  constexpr size_t kBlock = 512;
  std::vector<TarEntry> entries;
  for (size_t at = 0; at + kBlock <= archive.size();) {
    const std::string_view head = archive.substr(at, kBlock);
    if (head.find_first_not_of('\0') == std::string_view::npos) return entries;
    const auto field = [&](size_t from, size_t length) {
      const std::string_view f = head.substr(from, length);
      return f.substr(0, std::min(f.find('\0'), f.size()));
    };
    const auto octal = [&](size_t from, size_t length) {
      uint64_t value = 0;
      bool any = false;
      for (const char c : field(from, length)) {
        if (c == ' ' && !any) continue;
        if (c == ' ') break;
        check(c >= '0' && c <= '7', where.c_str(), "is no tar archive (block " + std::to_string(at / kBlock) + ")",
            "Is it the file it should be?");
        value = value * 8 + static_cast<uint64_t>(c - '0');
        any = true;
      }
      return value;
    };
    uint64_t sum = 0;  // of the header with its own field as blanks
    for (size_t i = 0; i < kBlock; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(head[i]);
    check(octal(148, 8) == sum, where.c_str(),
        "is no tar archive, or damaged (the checksum of block " + std::to_string(at / kBlock) + " is wrong)",
        "Fetch it again.");
    const uint64_t size = octal(124, 12);
    check(size <= archive.size() - at - kBlock, where.c_str(), "is cut off within a file", "Fetch it again.");
    const char type = head[156];
    if (type == '0' || type == '\0') {
      const std::string prefix = head.substr(257, 5) == "ustar" ? std::string(field(345, 155)) : "";
      entries.push_back(
          {(prefix.empty() ? "" : prefix + "/") + std::string(field(0, 100)), archive.substr(at + kBlock, size)});
    }
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  throw Error(where, "is cut off: no end of archive", "Fetch it again.");
}

}  // namespace hilum
