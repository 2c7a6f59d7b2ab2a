// One file of named tensors, mapped: what safetensors and PyTorch files have in common. WeightFiles
// (safetensors_index.h) opens them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace hilum {

struct WeightEntry {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;
  uint64_t begin = 0, end = 0;  // end - begin: its bytes, dense. What begin counts from is the format's own affair
};

class WeightFile {
 public:
  virtual ~WeightFile() = default;
  virtual const std::filesystem::path& path() const = 0;
  virtual const std::vector<WeightEntry>& entries() const = 0;
  // The values, sharing (and keeping alive) the mapping where they stand dense and aligned to their element size; else
  // a copy. Not to be written to. `entry` is one of entries().
  virtual Tensor tensor(const WeightEntry& entry) const = 0;
  // What the file holds beside weights and what was done with it, a line each ("optimizer: left out"). For people.
  virtual std::vector<std::string> notes() const { return {}; }
};

// `bytes` of a mapped file (`all`) as a tensor: shared where aligned and followed by the line that kernels may read
// past it, else copied.
Tensor tensor_of_mapping(const Shape& shape, DType dtype, std::span<const std::byte> bytes,
    std::span<const std::byte> all, const std::shared_ptr<const void>& owner);

enum class WeightFormat { kNone, kSafetensors, kTorchZip, kTorchLegacy };
// By content, whatever the name: safetensors are also published as .pt. `head`: the first bytes of the file, 16 are
// enough.
WeightFormat weight_format(std::span<const std::byte> head);

// Opens any of them. Throws Error naming the path for what is none (and what it seems to be), or is damaged.
std::unique_ptr<WeightFile> open_weight_file(const std::filesystem::path& path);

}  // namespace hilum
