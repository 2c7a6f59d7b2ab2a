#include "archive/zip.h"

#include <algorithm>
#include <numeric>

#include "archive/byte_reader.h"
#include "base/ascii.h"

namespace hilum {
namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                   kLocator64 = 0x07064b50;
constexpr size_t kEndSize = 22, kLocatorSize = 20, kMaxComment = 65535, kLocalSize = 30;
constexpr uint64_t kIn64 = 0xffffffff;  // "see the zip64 field"

std::string clipped(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, 80)) text += static_cast<unsigned char>(c) < 32 ? '?' : c;
  return name.size() <= 80 ? text : text + "...";
}

bool leads_outside(std::string_view name) {
  if (name.front() == '/' || name.find('\\') != std::string_view::npos || name.find('\0') != std::string_view::npos)
    return true;
  if (name.size() >= 2 && name[1] == ':') return true;  // a drive
  for (const std::string_view part : split(name, '/'))
    if (part == "..") return true;
  return false;
}

const char* method_name(int method) {
  switch (method) {
    case 8: return "deflate";
    case 9: return "deflate64";
    case 12: return "bzip2";
    case 14: return "LZMA";
    case 93: return "Zstandard";
    case 95: return "XZ";
    default: return "an unknown method";
  }
}

}  // namespace

ZipDirectory::ZipDirectory(std::span<const std::byte> file, const std::string& where) : file_(file), where_(where) {
  const Place place = find_directory();
  check(place.count <= kMaxZipEntries, where_.c_str(),
      "the archive lists " + std::to_string(place.count) + " entries, at most " + std::to_string(kMaxZipEntries) +
          " are read");
  check(place.offset <= file_.size() && place.size <= file_.size() - place.offset, where_.c_str(),
      "its zip directory lies outside the file", kDamagedFile);
  check(place.size / 46 >= place.count, where_.c_str(),
      "its zip directory is too small for " + std::to_string(place.count) + " entries", kDamagedFile);
  ByteReader reader(file_, place.offset, place.offset + place.size, where_);
  entries_.reserve(place.count);
  for (uint64_t i = 0; i < place.count; ++i) read_entry(reader, place.offset);
  check(reader.left() == 0, where_.c_str(), "its zip directory has bytes behind the last entry", kDamagedFile);
  check_names();
  check_overlaps();
}

// The end record is the last thing in the file but for a comment, whose length it gives.
ZipDirectory::Place ZipDirectory::find_directory() const {
  const size_t size = file_.size();
  for (size_t back = kEndSize; back <= std::min(size, kEndSize + kMaxComment); ++back) {
    ByteReader end(file_, size - back, size, where_);
    if (end.number(4) != kEnd) continue;
    const uint64_t disk = end.number(2), first_disk = end.number(2), here = end.number(2);
    Place place{.offset = 0, .size = 0, .count = end.number(2)};
    place.size = end.number(4);
    place.offset = end.number(4);
    if (end.number(2) != back - kEndSize) continue;  // bytes of a comment or of a tensor that look like the record
    if (back + kLocatorSize <= size) {
      ByteReader locator(file_, size - back - kLocatorSize, size - back, where_);
      if (locator.number(4) == kLocator64) {
        check(locator.number(4) == 0, where_.c_str(), "the archive spans several disks");
        const uint64_t at = locator.number(8);
        check(at <= size, where_.c_str(), "its zip64 record lies outside the file", kDamagedFile);
        ByteReader wide(file_, at, size, where_);
        check(wide.number(4) == kEnd64, where_.c_str(), "its zip64 record is not where the locator says", kDamagedFile);
        wide.take(8 + 2 + 2);  // its own size, versions
        check(wide.number(4) == 0 && wide.number(4) == 0, where_.c_str(), "the archive spans several disks");
        place.count = wide.number(8);
        check(wide.number(8) == place.count, where_.c_str(), "the archive spans several disks");
        place.size = wide.number(8);
        place.offset = wide.number(8);
        return place;
      }
    }
    check(disk == 0 && first_disk == 0 && here == place.count, where_.c_str(), "the archive spans several disks");
    return place;
  }
  throw Error(where_, "begins as a zip archive but has no zip directory at its end", kDamagedFile);
}

void ZipDirectory::read_entry(ByteReader& reader, uint64_t directory_offset) {
  const size_t at = reader.at();
  if (reader.number(4) != kCentral) reader.fail(at, "no entry of the zip directory stands here", kDamagedFile);
  reader.take(4);  // versions
  ZipEntry entry;
  const uint64_t flags = reader.number(2);
  entry.encrypted = (flags & 1) != 0;
  entry.method = static_cast<int>(reader.number(2));
  reader.take(2 + 2 + 4);  // time, date, CRC-32: torch may be told to leave the last out
  uint64_t packed = reader.number(4), unpacked = reader.number(4);
  const uint64_t name_length = reader.number(2), extra_length = reader.number(2), comment_length = reader.number(2);
  const uint64_t disk = reader.number(2);
  reader.take(2 + 4);  // attributes
  uint64_t local = reader.number(4);
  entry.name = reader.take(name_length);
  const size_t extra_begin = reader.at();
  reader.take(extra_length);
  for (ByteReader extra(file_, extra_begin, reader.at(), where_); extra.left() >= 4;) {
    const uint64_t id = extra.number(2), length = extra.number(2);
    const size_t begin = extra.at();
    extra.take(length);
    if (id != 1) continue;
    ByteReader wide(file_, begin, extra.at(), where_);  // holds those that did not fit, in this order
    if (unpacked == kIn64) unpacked = wide.number(8);
    if (packed == kIn64) packed = wide.number(8);
    if (local == kIn64) local = wide.number(8);
  }
  reader.take(comment_length);
  if (disk != 0) reader.fail(at, "the archive spans several disks", "Use an archive of one file.");
  if (entry.name.empty() || entry.name.size() > kMaxZipName)
    reader.fail(at, "an entry's name has " + std::to_string(entry.name.size()) + " bytes", kDamagedFile);
  if (leads_outside(entry.name))
    reader.fail(at, "the entry \"" + clipped(entry.name) + "\" leads out of the archive", "Do not use this file.");
  const std::string named = "the entry \"" + clipped(entry.name) + "\" ";
  if (entry.method == 0 && packed != unpacked)
    reader.fail(at, named + "is stored as it is, but has two sizes", kDamagedFile);
  if (local > directory_offset || directory_offset - local < kLocalSize)
    reader.fail(at, named + "lies outside the file", kDamagedFile);

  ByteReader header(file_, local, directory_offset, where_);
  if (header.number(4) != kLocal)
    header.fail(local, named + "does not begin here, as the zip directory says", kDamagedFile);
  header.take(22);
  const uint64_t local_name = header.number(2), local_extra = header.number(2);
  if (header.take(local_name) != entry.name)
    header.fail(local, named + "has another name here than in the zip directory", "Do not use this file.");
  header.take(local_extra);
  entry.offset = header.at();
  entry.size = packed;
  header.take(packed);
  entries_.push_back(entry);
}

void ZipDirectory::check_names() {
  by_name_.resize(entries_.size());
  std::iota(by_name_.begin(), by_name_.end(), size_t{0});
  std::sort(by_name_.begin(), by_name_.end(), [&](size_t a, size_t b) { return entries_[a].name < entries_[b].name; });
  for (size_t i = 1; i < by_name_.size(); ++i) {
    const std::string_view name = entries_[by_name_[i]].name;
    if (name == entries_[by_name_[i - 1]].name)
      throw Error(where_, "the archive holds the entry \"" + clipped(name) + "\" twice", "Do not use this file.");
  }
}

void ZipDirectory::check_overlaps() const {
  std::vector<const ZipEntry*> order;
  for (const ZipEntry& entry : entries_) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const ZipEntry* a, const ZipEntry* b) { return a->offset < b->offset; });
  for (size_t i = 1; i < order.size(); ++i)
    if (order[i]->offset < order[i - 1]->offset + order[i - 1]->size + kLocalSize)
      throw Error(where_,
          "the entries \"" + clipped(order[i - 1]->name) + "\" and \"" + clipped(order[i]->name) + "\" overlap",
          "Do not use this file.");
}

const ZipEntry* ZipDirectory::find(std::string_view name) const {
  const auto at = std::lower_bound(by_name_.begin(), by_name_.end(), name,
      [&](size_t i, std::string_view wanted) { return entries_[i].name < wanted; });
  return at == by_name_.end() || entries_[*at].name != name ? nullptr : &entries_[*at];
}

std::span<const std::byte> ZipDirectory::bytes(const ZipEntry& entry) const {
  const std::string named = "the entry \"" + clipped(entry.name) + "\" ";
  if (entry.encrypted) throw Error(where_, named + "is encrypted", "Unlock the archive first.");
  if (entry.method != 0)
    throw Error(where_, named + "is compressed (" + method_name(entry.method) + "); PyTorch stores weights as they are",
        "Unpack the archive and pack it again without compression (zip -0), or convert it to safetensors.");
  return file_.subspan(entry.offset, entry.size);
}

}  // namespace hilum
