// The vectors of an index: a flat file, mapped and never parsed. A header of 64 bytes, then `count` rows of `width`
// values without gaps.
//
//   0  "HILUMVEC"      8  u32 version, 1      12  u32 dtype: 0 F32, 1 F16      16  u64 width      24  u64 count,
//   little-endian, rest zero
//
// A file being written says count = kUnfinished until finish(). Files come from outside: every number is checked first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/file.h"
#include "tensor/dtype.h"

namespace hilum {

inline constexpr size_t kVectorsHeaderBytes = 64;
inline constexpr uint64_t kUnfinished = ~uint64_t{0};
inline constexpr int64_t kMaxVectorWidth = 1 << 20;

// Rows of a matrix in memory, mapped or not: [count, width] of F32 or F16 bits.
struct VectorRows {
  const void* data = nullptr;
  DType dtype = DType::kF32;
  int64_t count = 0, width = 0;

  size_t row_bytes() const { return static_cast<size_t>(width) * (dtype == DType::kF16 ? 2 : 4); }
  const std::byte* row(int64_t i) const {
    return static_cast<const std::byte*>(data) + static_cast<size_t>(i) * row_bytes();
  }
};

// The header of a whole file held in memory -> its rows, still in `file`. Throws Error(where, ...) for another magic,
// version or dtype, a width outside 1 .. kMaxVectorWidth, a count that overflows or is not the file's size, a file that
// was not finished.
VectorRows parse_vectors(std::span<const std::byte> file, const std::string& where);

// A finished file, mapped read-only. Throws Error naming the path.
class FlatVectors {
 public:
  explicit FlatVectors(const std::filesystem::path& path)
      : file_(path), rows_(parse_vectors(file_.bytes(), path.string())) {}
  const VectorRows& rows() const { return rows_; }

 private:
  MappedFile file_;
  VectorRows rows_;
};

// Appends rows. What was written before sync() survives a stop.
class FlatVectorsWriter {
 public:
  // A new file (an existing one is replaced), or with `keep` rows an existing one of this width and dtype cut to its
  // first `keep` rows. Throws Error naming the path.
  FlatVectorsWriter(const std::filesystem::path& path, int64_t width, DType dtype, int64_t keep);
  ~FlatVectorsWriter();
  FlatVectorsWriter(const FlatVectorsWriter&) = delete;
  FlatVectorsWriter& operator=(const FlatVectorsWriter&) = delete;

  void append(std::span<const float> row);  // [width], stored as the file's dtype
  int64_t count() const { return count_; }
  void sync();    // rows so far reach the disk
  void finish();  // writes the count; the file can be read from now on

 private:
  void put(const void* data, size_t bytes, uint64_t at);
  std::filesystem::path path_;
  int file_ = -1;
  int64_t width_, count_ = 0;
  DType dtype_;
};

}  // namespace hilum
