// A tensor: a value handle on shape, dtype and shared storage. Row-major and dense; no arithmetic (that is ops.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/dtype.h"

namespace hilum {

// Sizes of each dimension, outermost first. [] is a scalar; zero-size dimensions are allowed.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<int64_t> dims) : dims_(std::move(dims)) {}

  int rank() const { return static_cast<int>(dims_.size()); }
  // Dimension i; negative counts from the back, -1 is the last.
  int64_t operator[](int i) const { return dims_[static_cast<size_t>(i < 0 ? i + rank() : i)]; }
  int64_t count() const;  // number of elements
  int64_t rows() const;   // count() / last dimension: how many vectors of the last dimension
  const std::vector<int64_t>& dims() const { return dims_; }
  bool operator==(const Shape&) const = default;
  std::string text() const;  // "[2304, 768]"

 private:
  std::vector<int64_t> dims_;
};

// What a backend keeps behind a tensor: host bytes, a libtorch tensor, or nothing (ops/check).
class Storage {
 public:
  virtual ~Storage() = default;
};

// Bytes in host memory, owned or kept alive by `owner` (a mapped file, an arena).
class HostStorage final : public Storage {
 public:
  explicit HostStorage(size_t bytes);  // owned, 64-byte aligned, not zeroed
  // `from_file`: pages of a file mapped privately and never written to.
  HostStorage(std::byte* data, size_t bytes, std::shared_ptr<const void> owner, bool from_file = false)
      : data_(data), bytes_(bytes), owner_(std::move(owner)), from_file_(from_file) {}
  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  bool from_file() const { return from_file_; }  // pages let go of (MADV_DONTNEED) are read again when they are touched

 private:
  std::byte* data_;
  size_t bytes_;
  std::shared_ptr<const void> owner_;
  bool from_file_ = false;
};

class Tensor {
 public:
  Tensor() = default;
  Tensor(Shape shape, DType dtype, std::shared_ptr<Storage> storage, size_t offset_bytes = 0)
      : shape_(std::move(shape)), dtype_(dtype), storage_(std::move(storage)), offset_bytes_(offset_bytes) {}

  // A new host tensor, not zeroed.
  static Tensor host(const Shape& shape, DType dtype = DType::kF32);
  static Tensor host(const Shape& shape, std::span<const float> values);
  static Tensor host(const Shape& shape, std::span<const int64_t> values);

  const Shape& shape() const { return shape_; }
  int64_t dim(int i) const { return shape_[i]; }
  DType dtype() const { return dtype_; }  // of an activation: what it is computed in
  bool defined() const { return storage_ != nullptr; }
  size_t offset_bytes() const { return offset_bytes_; }
  const std::shared_ptr<Storage>& storage() const { return storage_; }

  // Host tensors only (invariant). The typed forms check the dtype.
  std::byte* bytes() const;
  float* f32() const;
  uint16_t* u16() const;  // F16 or BF16 bits
  int64_t* i64() const;
  std::span<float> values() const { return {f32(), static_cast<size_t>(shape_.count())}; }
  size_t size_bytes() const;

  // The same storage seen with another shape of equal count (host and device alike: storage is dense).
  Tensor reshaped(Shape shape) const;
  // Rows first..first+count of the first dimension, sharing storage (host tensors).
  Tensor rows(int64_t first, int64_t count) const;

 private:
  Shape shape_;
  DType dtype_ = DType::kF32;
  std::shared_ptr<Storage> storage_;
  size_t offset_bytes_ = 0;
};

// A host tensor of any float dtype as a new F32 host tensor (or itself if it is F32 already).
Tensor to_f32(const Tensor& host);
// An F32 host tensor stored as F16, BF16 or F32.
Tensor to_dtype(const Tensor& host, DType dtype);

}  // namespace hilum
