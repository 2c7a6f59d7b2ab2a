#include "image/cache/plane_file.h"

#include <bit>
#include <cmath>

#include <sys/stat.h>

#include <fmt/core.h>

#include "archive/byte_reader.h"
#include "base/error.h"
#include "base/file.h"

namespace hilum {
namespace {

constexpr std::string_view kMagic = "HILUMPLN";
constexpr uint64_t kMaxSidePx = 1 << 16;

class ByteWriter {
 public:
  void number(uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_ += static_cast<char>(value >> (8 * i) & 255);
  }
  void real(double value) { number(std::bit_cast<uint64_t>(value), 8); }
  void text(std::string_view text) {
    number(text.size(), 4);
    bytes_ += text;
  }
  void raw(std::string_view bytes) { bytes_ += bytes; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

int side(ByteReader& reader, const char* what) {
  const size_t at = reader.at();
  const uint64_t px = reader.number(4);
  if (px == 0 || px > kMaxSidePx) reader.fail(at, fmt::format("{} is {} px", what, px), kDamagedFile);
  return static_cast<int>(px);
}

double real(ByteReader& reader) {
  const size_t at = reader.at();
  const double value = std::bit_cast<double>(reader.number(8));
  if (!std::isfinite(value)) reader.fail(at, "a place in the original is not a number", kDamagedFile);
  return value;
}

PlaneRecord read_record(ByteReader& reader, const PlaneIndex& index, uint64_t index_at) {
  PlaneRecord record;
  record.state.bytes = reader.number(8);
  record.state.changed_ns = static_cast<int64_t>(reader.number(8));
  const size_t at = reader.at();
  record.offset = reader.number(8);
  const uint64_t channels = reader.number(4);
  if (channels != 1 && channels != 3) reader.fail(at, fmt::format("{} channels", channels), kDamagedFile);
  record.channels = static_cast<int>(channels);
  if (record.offset < kPlaneHeaderBytes || record.offset > index_at ||
      index_at - record.offset < index.picture_bytes(record))
    reader.fail(at, "a picture's samples are not before the index", kDamagedFile);
  record.geometry.width = side(reader, "the width of an original");
  record.geometry.height = side(reader, "the height of an original");
  record.geometry.left = real(reader);
  record.geometry.top = real(reader);
  record.geometry.used_width = real(reader);
  record.geometry.used_height = real(reader);
  return record;
}

}  // namespace

FileState file_state(const std::filesystem::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0)
    throw Error(path.string(), "cannot be examined (" + errno_text() + ")", "Check the path and its permissions.");
  return {static_cast<uint64_t>(info.st_size), int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

PlaneIndex read_plane_index(std::span<const std::byte> file, const std::string& where) {
  if (!as_text(file).starts_with(kMagic))
    throw Error(where, "is not a cache of pictures", "Name another file, or remove this one.");
  ByteReader header(file, kMagic.size(), std::min(file.size(), kPlaneHeaderBytes), where);
  const uint64_t version = header.number(4);
  if (version != kPlaneFileVersion)
    throw Error(where,
        fmt::format("is a cache of version {}, and this program reads version {}", version, kPlaneFileVersion),
        "Remove it: it is made anew.");
  PlaneIndex index;
  index.width = side(header, "the pictures' width");
  index.height = side(header, "the pictures' height");
  header.take(4);
  const uint64_t count = header.number(8), index_at = header.number(8), index_bytes = header.number(8);
  header.take(header.left());
  if (index_at < kPlaneHeaderBytes || index_at > file.size() || file.size() - index_at != index_bytes)
    header.fail(32, "the index is not the file's end", kDamagedFile);

  ByteReader reader(file, static_cast<size_t>(index_at), file.size(), where);
  index.steps = reader.take(reader.number(4));
  for (uint64_t i = 0; i < count; ++i) {
    const PlaneRecord record = read_record(reader, index, index_at);
    const size_t at = reader.at();
    const std::string_view path = reader.take(reader.number(4));
    if (!index.records.emplace(path, record).second) reader.fail(at, "a path stands there twice", kDamagedFile);
  }
  if (reader.left() > 0) reader.fail(reader.at(), "more bytes than the index's pictures", kDamagedFile);
  return index;
}

std::string plane_index_bytes(const PlaneIndex& index) {
  ByteWriter out;
  out.text(index.steps);
  for (const auto& [path, record] : index.records) {
    out.number(record.state.bytes, 8);
    out.number(static_cast<uint64_t>(record.state.changed_ns), 8);
    out.number(record.offset, 8);
    out.number(static_cast<uint64_t>(record.channels), 4);
    out.number(static_cast<uint64_t>(record.geometry.width), 4);
    out.number(static_cast<uint64_t>(record.geometry.height), 4);
    for (const double value :
        {record.geometry.left, record.geometry.top, record.geometry.used_width, record.geometry.used_height})
      out.real(value);
    out.text(path);
  }
  return out.take();
}

std::string plane_header_bytes(const PlaneIndex& index, uint64_t index_at, uint64_t index_bytes) {
  ByteWriter out;
  out.raw(kMagic);
  out.number(kPlaneFileVersion, 4);
  out.number(static_cast<uint64_t>(index.width), 4);
  out.number(static_cast<uint64_t>(index.height), 4);
  out.number(0, 4);
  out.number(index.records.size(), 8);
  out.number(index_at, 8);
  out.number(index_bytes, 8);
  out.raw(std::string(16, '\0'));
  return out.take();
}

}  // namespace hilum
