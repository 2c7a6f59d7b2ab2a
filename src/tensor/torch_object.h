// The object of a torch pickle: its storages, and its tensors by name. Used by torch_file.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "archive/pickle.h"
#include "tensor/tensor.h"

namespace hilum {

// Every name a pickle of weights may ask for.
std::span<const std::string_view> torch_allowed_names();

struct TorchStorage {
  uint64_t count = 0;  // elements
  uint64_t element_bytes = 0;
  uint64_t begin = 0;  // in the file; filled in by the container's reader
  bool placed = false;
  size_t at = 0;  // byte of the pickle that first names it
};
using TorchStorages = std::map<std::string, TorchStorage, std::less<>>;  // by key

struct TorchTensor {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;
  std::vector<int64_t> strides;
  std::string_view storage;       // key
  uint64_t first = 0, count = 0;  // elements of the storage that the tensor may see (a legacy view sees a part)
  uint64_t offset = 0;            // elements, from `first`
  size_t at = 0;                  // byte of the pickle
};

// Every storage the pickle names. Throws Error for a type that is none and for two that do not agree.
TorchStorages torch_storages(const Pickle& pickle, const std::string& where);

// The tensors by the rule of torch_file.h, names not yet checked against each other.
std::vector<TorchTensor> torch_tensors(const Pickle& pickle, const std::string& where, std::vector<std::string>& notes);

}  // namespace hilum
