// The safetensors file format: u64 header length N, N bytes of JSON, then the tensors' bytes without gaps.
// Source: huggingface/safetensors README and tensor.rs (format of 2024 to 2026). Files come from outside: every number
// is checked first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/weight_file.h"

namespace hilum {

using SafetensorsEntry = WeightEntry;  // begin and end: bytes from the first byte after the header

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the order of their bytes
  std::map<std::string, std::string> metadata;
  uint64_t data_offset = 0;  // 8 + N
};

// Limits of ours, far above any published file.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;  // the format's own
inline constexpr size_t kMaxSafetensorsTensors = 1'000'000;
inline constexpr size_t kMaxSafetensorsName = 4096;

// Reads and checks the header of a whole file held in memory. Throws Error(where, ...) for: fewer than 8 bytes, N above
// the limit or past the end, a first byte that is not '{', bad UTF-8 or JSON, a key twice, an unknown dtype, a size
// that overflows or is no whole number of bytes or differs from end - begin, gaps, overlaps, bytes after the last
// tensor, too many tensors, a name too long.
SafetensorsHeader parse_safetensors_header(std::span<const std::byte> file, const std::string& where);

// A file mapped read-only.
class SafetensorsFile final : public WeightFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);  // throws Error naming the path
  ~SafetensorsFile() override;
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  const std::filesystem::path& path() const override;
  const std::vector<SafetensorsEntry>& entries() const override { return header_.entries; }
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  const SafetensorsEntry* find(std::string_view name) const;  // null: no such tensor
  Tensor tensor(const SafetensorsEntry& entry) const override;
  Tensor tensor(std::string_view name) const;  // throws Error naming file and tensor when there is none

 private:
  class Mapping;
  std::shared_ptr<const Mapping> mapping_;
  SafetensorsHeader header_;
  std::map<std::string_view, size_t> by_name_;
};

// What a file holding these tensors begins with: N, the JSON and its padding to a multiple of 8. Entries are put into
// the writers' order (descending dtype rank, then name) and given their offsets. Throws Error for a name given twice,
// empty, too long or reserved.
std::string safetensors_header_bytes(
    std::vector<SafetensorsEntry>& entries, const std::map<std::string, std::string>& metadata);

// Writes a file tensor by tensor, for weights that do not fit into memory: header first, then each tensor in the order
// of entries(). The file appears under its name at finish(); without it (an exception, say) nothing is left behind.
class SafetensorsWriter {
 public:
  // begin and end of the entries are ignored. Missing parent folders are made.
  SafetensorsWriter(std::filesystem::path path, std::vector<SafetensorsEntry> entries,
      const std::map<std::string, std::string>& metadata = {});
  ~SafetensorsWriter();
  SafetensorsWriter(const SafetensorsWriter&) = delete;
  SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;

  const std::vector<SafetensorsEntry>& entries() const { return entries_; }
  void write(const Tensor& host);  // the next of entries(); shape and dtype must be that entry's (invariant)
  void finish();

 private:
  void put(const void* data, size_t bytes);
  std::filesystem::path path_, part_;
  std::vector<SafetensorsEntry> entries_;
  size_t next_ = 0;
  int file_ = -1;
};

struct NamedTensor {
  std::string name;
  Tensor data;  // host
};
void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
    const std::map<std::string, std::string>& metadata = {});

}  // namespace hilum
