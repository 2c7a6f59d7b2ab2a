// The one loop of a merge: rows of W + scale B A, on all cores. Its own file: it is compiled for speed.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "base/error.h"
#include "models/files/lora.h"

namespace hilum {
namespace {

struct Product {
  const Tensor &weight, &left, &right;
  float scale;
  Tensor out;
  int64_t width, rank;

  // sum [in] = left[row] right, the ranks in rising order for every value: the same on any machine and for any number
  // of threads.
  void sum_row(int64_t row, float* __restrict sum) const {
    std::fill(sum, sum + width, 0.0f);
    const float* b = left.f32() + row * rank;
    const float* a = right.f32();
    int64_t k = 0;
    for (; k + 4 <= rank; k += 4, a += 4 * width) {  // four at a time: the sums are read and written a quarter as often
      const float* __restrict a0 = a;
      const float* __restrict a1 = a + width;
      const float* __restrict a2 = a + 2 * width;
      const float* __restrict a3 = a + 3 * width;
      const float b0 = b[k], b1 = b[k + 1], b2 = b[k + 2], b3 = b[k + 3];
      for (int64_t i = 0; i < width; ++i) sum[i] = (((sum[i] + b0 * a0[i]) + b1 * a1[i]) + b2 * a2[i]) + b3 * a3[i];
    }
    for (; k < rank; ++k, a += width) {
      const float factor = b[k];
      for (int64_t i = 0; i < width; ++i) sum[i] += factor * a[i];
    }
  }

  bool store_row(int64_t row, const float* __restrict sum) const {
    float sure = 0;     // stays 0 where all are finite
    bool full = false;  // an exponent of ones
    const int64_t at = row * width;
    if (weight.dtype() == DType::kF32) {
      const float* w = weight.f32() + at;
      float* to = out.f32() + at;
      for (int64_t i = 0; i < width; ++i) {
        to[i] = w[i] + sum[i] * scale;
        sure += to[i] * 0.0f;
      }
    } else {
      const bool half = weight.dtype() == DType::kF16;
      const uint16_t* w = weight.u16() + at;
      uint16_t* to = out.u16() + at;
      for (int64_t i = 0; i < width; ++i) {
        const float value = (half ? f16_to_f32(w[i]) : bf16_to_f32(w[i])) + sum[i] * scale;
        to[i] = half ? f32_to_f16(value) : f32_to_bf16(value);
        full |= half ? (to[i] & 0x7c00) == 0x7c00 : (to[i] & 0x7f80) == 0x7f80;
      }
    }
    return sure == 0.0f && !full;
  }
};

}  // namespace

Tensor add_product(
    const Tensor& weight, const Tensor& left, const Tensor& right, float scale, const std::string& name) {
  invariant(weight.dtype() == DType::kF32 || weight.dtype() == DType::kF16 || weight.dtype() == DType::kBF16,
      "a merged weight is F32, F16 or BF16");
  const int64_t rows = weight.dim(0);
  const Product product{
      weight, left, right, scale, Tensor::host(weight.shape(), weight.dtype()), weight.dim(1), left.dim(1)};
  std::atomic<int64_t> next = 0;
  std::atomic<bool> finite = true;
  const auto work = [&] {
    constexpr int64_t kBlock = 16;
    std::vector<float> sum(static_cast<size_t>(product.width));
    for (int64_t begin; (begin = next.fetch_add(kBlock)) < rows;)
      for (int64_t row = begin; row < std::min(rows, begin + kBlock); ++row) {
        product.sum_row(row, sum.data());
        if (!product.store_row(row, sum.data())) finite = false;
      }
  };
  const int64_t cores =
      weight.shape().count() * product.rank < (1 << 22) ? 1 : std::max(1u, std::thread::hardware_concurrency());
  {
    std::vector<std::jthread> others;
    for (int64_t i = 1; i < cores; ++i) others.emplace_back(work);
    work();
  }
  if (!finite)
    throw Error(name,
        "merged with the adapter holds values that are no finite numbers as " + std::string(dtype_name(weight.dtype())),
        "The adapter is damaged, or made for a model of other values.");
  return product.out;
}

}  // namespace hilum
