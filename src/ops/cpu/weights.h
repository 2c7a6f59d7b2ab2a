// The forms of a parameter that the kernels read, made at its first use and kept under its address. Panels are shared
// between the backends of a process: parameters that share their values share them.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "kernels/kernel_table.h"
#include "tensor/param.h"

namespace hilum {

// A weight [n, k] as panels in its stored type (kernel_table.h).
struct PackedWeight {
  std::shared_ptr<std::byte> panels;
  WeightType type = WeightType::kF32;
  int64_t n = 0, k = 0;
};

class Weights {
 public:
  Weights(const KernelTable& table, int threads) : table_(table), threads_(threads) {}

  // The first dimension as n, all others together as k. Error where the parameter has no data or is stored in a form
  // without a kernel here.
  const PackedWeight& packed(const Param& p);
  // The values as F32 of the parameter's shape: the stored bytes themselves where they are F32.
  const Tensor& f32(const Param& p);
  // The parameter's data, checked to be loaded, dense and of its shape.
  const Tensor& stored(const Param& p) const;

 private:
  struct Entry {
    std::weak_ptr<Storage> source;  // of the data the forms were made from; another or a dead one means they are stale
    const std::byte* bytes = nullptr;
    std::unique_ptr<PackedWeight> packed;
    Tensor f32;
  };
  Entry& entry(const Param& p);

  const KernelTable& table_;
  int threads_;
  std::mutex mutex_;
  std::unordered_map<const Param*, Entry> entries_;
};

WeightType weight_type(DType dtype);

}  // namespace hilum
