#include "search/flat_vectors.h"

#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace hilum {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian and mapped as it stands");
constexpr char kMagic[8] = {'H', 'I', 'L', 'U', 'M', 'V', 'E', 'C'};
constexpr uint32_t kVectorsVersion = 1;

struct Header {
  char magic[8];
  uint32_t version, dtype;
  uint64_t width, count;
  uint8_t zero[32];
};
static_assert(sizeof(Header) == kVectorsHeaderBytes);

Header header_of(int64_t width, DType dtype, uint64_t count) {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.version = kVectorsVersion;
  header.dtype = dtype == DType::kF16 ? 1 : 0;
  header.width = static_cast<uint64_t>(width);
  header.count = count;
  return header;
}

}  // namespace

VectorRows parse_vectors(std::span<const std::byte> file, const std::string& where) {
  const char* const mend = "Build the index again with `hilum search index`.";
  Header header;
  if (file.size() < sizeof header) throw Error(where, "is too short to be an index's vectors", mend);
  std::memcpy(&header, file.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0)
    throw Error(where, "does not hold an index's vectors", mend);
  if (header.version != kVectorsVersion)
    throw Error(where, "has version " + std::to_string(header.version) + ", this Hilum reads 1", mend);
  if (header.dtype > 1) throw Error(where, "has values of unknown type " + std::to_string(header.dtype), mend);
  for (const uint8_t byte : header.zero)
    if (byte != 0) throw Error(where, "has a header this Hilum does not know", mend);
  if (header.width < 1 || header.width > static_cast<uint64_t>(kMaxVectorWidth))
    throw Error(where, "has vectors of width " + std::to_string(header.width), mend);
  if (header.count == kUnfinished) throw Error(where, "was not finished", "Go on with `hilum search index --resume`.");
  const uint64_t row_bytes = header.width * (header.dtype == 1 ? 2 : 4);
  const uint64_t values = file.size() - sizeof header;
  if (header.count > values / row_bytes || header.count * row_bytes != values)
    throw Error(where,
        "says " + std::to_string(header.count) + " vectors of width " + std::to_string(header.width) +
            ", which is not its size",
        mend);
  return {.data = file.data() + sizeof header,
      .dtype = header.dtype == 1 ? DType::kF16 : DType::kF32,
      .count = static_cast<int64_t>(header.count),
      .width = static_cast<int64_t>(header.width)};
}

FlatVectorsWriter::FlatVectorsWriter(const fs::path& path, int64_t width, DType dtype, int64_t keep)
    : path_(path), width_(width), dtype_(dtype) {
  invariant(width >= 1 && width <= kMaxVectorWidth && (dtype == DType::kF32 || dtype == DType::kF16),
      "vectors of a form the file has");
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | (keep > 0 ? 0 : O_TRUNC),
      0600);  // patients' images: not for others to read
  if (file_ < 0)
    throw Error(path.string(), "cannot be written (" + errno_text() + ")", "Check the folder and its permissions.");
  if (keep > 0) {
    Header header;
    const Header wanted = header_of(width, dtype, kUnfinished);
    if (::pread(file_, &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header) ||
        std::memcmp(&header, &wanted, offsetof(Header, count)) != 0)
      throw Error(path.string(), "does not hold vectors of width " + std::to_string(width) + " of this type",
          "Build the index again, without --resume.");
    const uint64_t bytes =
        sizeof header + static_cast<uint64_t>(keep) * static_cast<uint64_t>(width) * (dtype == DType::kF16 ? 2 : 4);
    if (fs::file_size(path) < bytes)
      throw Error(
          path.string(), "holds fewer vectors than the index lists", "Build the index again, without --resume.");
    if (::ftruncate(file_, static_cast<off_t>(bytes)) != 0)
      throw Error(path.string(), "cannot be cut to the rows that were kept");
    count_ = keep;
  }
  const Header header = header_of(width, dtype, kUnfinished);
  put(&header, sizeof header, 0);
}

FlatVectorsWriter::~FlatVectorsWriter() {
  if (file_ >= 0) ::close(file_);
}

void FlatVectorsWriter::put(const void* data, size_t bytes, uint64_t at) {
  const auto* from = static_cast<const std::byte*>(data);
  while (bytes > 0) {
    const ssize_t done = ::pwrite(file_, from, bytes, static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw Error(path_.string(), "could not be written (" + errno_text() + ")", "Is the disk full?");
    from += done;
    bytes -= static_cast<size_t>(done);
    at += static_cast<uint64_t>(done);
  }
}

void FlatVectorsWriter::append(std::span<const float> row) {
  invariant(static_cast<int64_t>(row.size()) == width_, "a row of the file's width");
  const VectorRows here{.dtype = dtype_, .count = count_, .width = width_};
  const uint64_t at = sizeof(Header) + static_cast<uint64_t>(count_) * here.row_bytes();
  if (dtype_ == DType::kF32) {
    put(row.data(), here.row_bytes(), at);
  } else {
    std::vector<uint16_t> halves(row.size());
    for (size_t i = 0; i < row.size(); ++i) halves[i] = f32_to_f16(row[i]);
    put(halves.data(), here.row_bytes(), at);
  }
  ++count_;
}

void FlatVectorsWriter::sync() {
  if (::fdatasync(file_) != 0) throw Error(path_.string(), "could not be brought to the disk", "Is the disk full?");
}

void FlatVectorsWriter::finish() {
  sync();
  const Header header = header_of(width_, dtype_, static_cast<uint64_t>(count_));
  put(&header, sizeof header, 0);
  sync();
}

}  // namespace hilum
