// The directory of a zip archive whose entries are used in place. Nothing is unpacked: an entry that is compressed is
// refused when it is asked for, so an archive cannot grow in memory. Source: PKWARE APPNOTE 6.3.10, sections 4.3
// (records) and 4.5.3 (zip64).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

struct ZipEntry {
  std::string_view name;  // in the mapped file
  uint64_t offset = 0;    // of its bytes, from the file's start
  uint64_t size = 0;      // as they stand in the file
  int method = 0;         // 0 stored, 8 deflate, ...
  bool encrypted = false;
};

inline constexpr size_t kMaxZipEntries = 1'000'000;
inline constexpr size_t kMaxZipName = 4096;

class ZipDirectory {
 public:
  // `file` must outlive this. Throws Error(where, ...) for: no end record, several disks, a directory or entry outside
  // the file, a count that is not the directory's, a local header that says otherwise, entries that overlap, a name
  // given twice, empty, too long, absolute, with
  // "..", a backslash or a zero byte.
  ZipDirectory(std::span<const std::byte> file, const std::string& where);

  const std::vector<ZipEntry>& entries() const { return entries_; }  // in the directory's order
  const ZipEntry* find(std::string_view name) const;                 // null: no such entry
  // The entry's bytes. Throws Error naming the method of one that is compressed or encrypted.
  std::span<const std::byte> bytes(const ZipEntry& entry) const;

 private:
  struct Place {
    uint64_t offset, size, count;
  };
  Place find_directory() const;
  void read_entry(class ByteReader& reader, uint64_t directory_offset);
  void check_names();
  void check_overlaps() const;
  std::span<const std::byte> file_;
  std::string where_;
  std::vector<ZipEntry> entries_;
  std::vector<size_t> by_name_;  // indices, sorted by name
};

}  // namespace hilum
