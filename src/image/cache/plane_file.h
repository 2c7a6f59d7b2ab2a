// The layout of a file of preprocessed pictures: a header of 64 bytes, the samples without gaps, then the index.
// Numbers are little-endian.
//
//   0  "HILUMPLN"   8  u32 version, 1   12  u32 width   16  u32 height   20  u32 0   24  u64 pictures
//   32  u64 where the index begins   40  u64 its bytes   48  zero
//   index:  u32 bytes of the steps' text, the text; for each picture
//     u64 its file's bytes   i64 when it changed, ns since 1970   u64 where its samples begin   u32 channels
//     u32 width, u32 height of the original   f64 left, top, used width, used height (image/geometry.h)
//     u32 bytes of its path, the path
//   samples:  u8 [height, width, channels]
//
// Files come from outside: every number is checked first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/geometry.h"

namespace hilum {

inline constexpr size_t kPlaneHeaderBytes = 64;
inline constexpr uint32_t kPlaneFileVersion = 1;  // raised with the layout and with what decoding or a step makes

// A file as it was when it was read.
struct FileState {
  uint64_t bytes = 0;
  int64_t changed_ns = 0;  // since 1970
  bool operator==(const FileState&) const = default;
};
// Throws Error naming the path where there is none.
FileState file_state(const std::filesystem::path& path);

struct PlaneRecord {
  FileState state;
  uint64_t offset = 0;  // of its samples in the file
  int channels = 1;     // 1 or 3
  Geometry geometry;    // what of the original the picture shows
};

struct PlaneIndex {
  std::string steps;  // pixel_steps_text()
  int width = 0, height = 0;
  std::map<std::string, PlaneRecord, std::less<>> records;  // by path

  size_t picture_bytes(const PlaneRecord& record) const {
    return static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(record.channels);
  }
};

// Throws Error(where, ...) for another kind or version of file, and for any number that does not fit the file.
PlaneIndex read_plane_index(std::span<const std::byte> file, const std::string& where);

// The index's bytes, and the header before the samples.
std::string plane_index_bytes(const PlaneIndex& index);
std::string plane_header_bytes(const PlaneIndex& index, uint64_t index_at, uint64_t index_bytes);

}  // namespace hilum
