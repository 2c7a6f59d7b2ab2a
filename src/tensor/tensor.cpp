#include "tensor/tensor.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/error.h"

namespace hilum {

int64_t Shape::count() const {
  int64_t n = 1;
  for (const int64_t dim : dims_) n *= dim;
  return n;
}

int64_t Shape::rows() const { return dims_.empty() || dims_.back() == 0 ? 0 : count() / dims_.back(); }

std::string Shape::text() const {
  std::string out = "[";
  for (size_t i = 0; i < dims_.size(); ++i) out += (i ? ", " : "") + std::to_string(dims_[i]);
  return out + "]";
}

HostStorage::HostStorage(size_t bytes) : bytes_(bytes) {
  void* memory = std::aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);  // one line more: kernels may read past the end
  if (!memory) throw std::bad_alloc();
  data_ = static_cast<std::byte*>(memory);
  owner_ = std::shared_ptr<void>(memory, std::free);
}

namespace {
size_t bytes_of(const Shape& shape, DType dtype) {
  return static_cast<size_t>(shape.count()) * static_cast<size_t>(dtype_bits(dtype)) / 8;
}
}  // namespace

Tensor Tensor::host(const Shape& shape, DType dtype) {
  return {shape, dtype, std::make_shared<HostStorage>(bytes_of(shape, dtype))};
}

Tensor Tensor::host(const Shape& shape, std::span<const float> values) {
  Tensor made = host(shape, DType::kF32);
  invariant(static_cast<int64_t>(values.size()) == shape.count(), "as many values as the shape holds");
  if (!values.empty()) std::memcpy(made.bytes(), values.data(), values.size_bytes());
  return made;
}

Tensor Tensor::host(const Shape& shape, std::span<const int64_t> values) {
  Tensor made = host(shape, DType::kI64);
  invariant(static_cast<int64_t>(values.size()) == shape.count(), "as many values as the shape holds");
  if (!values.empty()) std::memcpy(made.bytes(), values.data(), values.size_bytes());
  return made;
}

std::byte* Tensor::bytes() const {
  const auto* memory = dynamic_cast<const HostStorage*>(storage_.get());
  invariant(memory != nullptr, "a host tensor");
  return memory->data() + offset_bytes_;
}

float* Tensor::f32() const {
  invariant(dtype_ == DType::kF32, "an F32 tensor");
  return reinterpret_cast<float*>(bytes());
}

uint16_t* Tensor::u16() const {
  invariant(dtype_ == DType::kF16 || dtype_ == DType::kBF16, "a 16-bit float tensor");
  return reinterpret_cast<uint16_t*>(bytes());
}

int64_t* Tensor::i64() const {
  invariant(dtype_ == DType::kI64, "an I64 tensor");
  return reinterpret_cast<int64_t*>(bytes());
}

size_t Tensor::size_bytes() const { return bytes_of(shape_, dtype_); }

Tensor Tensor::reshaped(Shape shape) const {
  invariant(shape.count() == shape_.count(), "a reshape keeps the number of elements");
  Tensor other = *this;
  other.shape_ = std::move(shape);
  return other;
}

Tensor Tensor::rows(int64_t first, int64_t count) const {
  invariant(shape_.rank() >= 1 && first >= 0 && count >= 0 && first + count <= shape_[0], "rows inside the tensor");
  std::vector<int64_t> dims = shape_.dims();
  const int64_t row = dims[0] == 0 ? 0 : shape_.count() / dims[0];
  dims[0] = count;
  Tensor part = *this;
  part.shape_ = Shape(std::move(dims));
  part.offset_bytes_ += static_cast<size_t>(first * row) * static_cast<size_t>(dtype_bits(dtype_)) / 8;
  return part;
}

Tensor to_f32(const Tensor& host) {
  if (host.dtype() == DType::kF32) return host;
  Tensor out = Tensor::host(host.shape());
  float* to = out.f32();
  const int64_t n = host.shape().count();
  switch (host.dtype()) {
    case DType::kF16:
      for (int64_t i = 0; i < n; ++i) to[i] = f16_to_f32(host.u16()[i]);
      break;
    case DType::kBF16:
      for (int64_t i = 0; i < n; ++i) to[i] = bf16_to_f32(host.u16()[i]);
      break;
    case DType::kF64: {
      const auto* from = reinterpret_cast<const double*>(host.bytes());
      for (int64_t i = 0; i < n; ++i) to[i] = static_cast<float>(from[i]);
      break;
    }
    default:
      throw Error("tensor", "dtype " + std::string(dtype_name(host.dtype())) + " holds no floating-point weights",
          "Weights may be F32, F16, BF16 or F64.");
  }
  return out;
}

Tensor to_dtype(const Tensor& host, DType dtype) {
  if (dtype == host.dtype()) return host;
  const Tensor wide = to_f32(host);
  if (dtype == DType::kF32) return wide;
  invariant(dtype == DType::kF16 || dtype == DType::kBF16, "a 16-bit target");
  Tensor out = Tensor::host(host.shape(), dtype);
  const float* from = wide.f32();
  uint16_t* to = out.u16();
  for (int64_t i = 0, n = host.shape().count(); i < n; ++i)
    to[i] = dtype == DType::kF16 ? f32_to_f16(from[i]) : f32_to_bf16(from[i]);
  return out;
}

}  // namespace hilum
