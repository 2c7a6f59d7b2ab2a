// The kernels of one instruction set: a struct of function pointers. Raw pointers and sizes only, noexcept, no
// allocation, no threads; arguments were checked by the caller. Buffers may start anywhere and hold exactly the stated
// number of values unless said otherwise. `y` may equal an input of the same size in the elementwise and row kernels.
//
// A panel holds 16 consecutive outputs of a weight [n, k], k-major: panel[i / 16][j][i % 16] = weight[i][j], in the
// stored type. Outputs past n are zero. The same form holds 16 consecutive keys of attention (n keys, k = head width).
// It does not depend on the instruction set.
#pragma once

#include <cstdint>

namespace hilum {

inline constexpr int64_t kPanelWidth = 16;

enum class WeightType : uint8_t { kF32, kF16, kBF16 };

// What the processor and operating system must offer, as bits.
enum CpuNeed : uint32_t {
  kNeedAvx2 = 1,        // AVX2, FMA, F16C and saved 256-bit registers
  kNeedAvx512Vnni = 2,  // AVX-512 F, BW, VL, DQ, VNNI and saved 512-bit registers
};

// One thread's share of y = x · weightᵀ + bias.
struct GemmArgs {
  const float* x;  // [rows, k], row stride ldx
  int64_t ldx, rows, k;
  const void* panels;  // the whole weight
  WeightType type;
  int64_t first, last;  // outputs [first, last); first is a multiple of 16
  const float* bias;    // [n] or null
  float* y;             // [rows, n], row stride ldy; only columns first..last-1 are written
  int64_t ldy;
};

// One head of one sequence: softmax(q · Kᵀ) · V for a few rows.
struct AttentionArgs {
  const float* q;          // [rows, d], already scaled; row stride ldq
  int64_t ldq, rows, d;    // d <= kMaxHeadDim
  const int64_t* visible;  // [rows] row i sees keys 0 .. visible[i]-1; at least 1, not falling
  const int64_t*
      hidden;  // [rows] and of those the first hidden[i] not: less than visible[i], not falling; null: none is hidden
  const float* key_panels;  // panels over keys
  const float* values;      // [keys, d], row stride ldv, a multiple of 16 with the values past d readable and finite
  int64_t ldv;
  float* y;  // [rows, d], row stride ldy
  int64_t ldy;
};
inline constexpr int64_t kMaxHeadDim = 256;

// One row of a token grid: each channel under a 3x3 kernel of its own, zeros outside the grid.
struct DepthwiseArgs {
  const float* above;  // [width, channels] the row before, null outside the grid
  const float* here;   // [width, channels]
  const float* below;  // [width, channels] the row after, null outside the grid
  const float* taps;   // [9, channels]: above, here, below; in each left, middle, right
  const float* bias;   // [channels]
  float* y;            // [width, channels], none of the inputs
  int64_t width, channels;
};

// A null pointer means: use the portable one (select.h fills them in).
struct KernelTable {
  const char* name;
  uint32_t needs;  // CpuNeed bits

  // elementwise over n values
  void (*add)(const float* a, const float* b, float* y, int64_t n) noexcept;
  void (*mul)(const float* a, const float* b, float* y, int64_t n) noexcept;
  void (*scale)(const float* x, float factor, float* y, int64_t n) noexcept;
  void (*exp)(const float* x, float* y, int64_t n) noexcept;         // within 2e-7 relative; below -87.3 gives 0
  void (*gelu)(const float* x, float* y, int64_t n) noexcept;        // x/2 · erfc(-x/√2)
  void (*quick_gelu)(const float* x, float* y, int64_t n) noexcept;  // x / (1 + exp(-1.702 x))
  void (*silu)(const float* x, float* y, int64_t n) noexcept;        // x / (1 + exp(-x))
  void (*tanh)(const float* x, float* y, int64_t n) noexcept;
  void (*gated_silu)(const float* gate, const float* up, float* y, int64_t n) noexcept;  // silu(gate) · up

  // one row of n values
  void (*softmax)(const float* x, float* y, int64_t n) noexcept;
  void (*layer_norm)(const float* x, const float* weight, const float* bias, float* y, int64_t n, float eps) noexcept;
  void (*rms_norm)(const float* x, const float* weight, float* y, int64_t n, float eps) noexcept;
  float (*dot)(const float* a, const float* b, int64_t n) noexcept;
  // x [2 half], cos and sin [half]: pairs (i, i + half) turned; y may equal x
  void (*rope)(const float* x, const float* cos, const float* sin, float* y, int64_t half) noexcept;

  // stored 16-bit values -> F32
  void (*f16_to_f32)(const uint16_t* x, float* y, int64_t n) noexcept;
  void (*bf16_to_f32)(const uint16_t* x, float* y, int64_t n) noexcept;

  // rows [first, last) of a row-major weight [n, k] of `type` (row stride ldw elements) into the panels; first is a
  // multiple of 16. Rows from `last` to the end of its panel become zero.
  void (*pack)(
      const void* weight, WeightType type, int64_t ldw, int64_t k, int64_t first, int64_t last, void* panels) noexcept;
  // Each output is one running sum over k in rising order, so it depends on its own row alone, whatever `rows` is.
  void (*gemm)(const GemmArgs& args) noexcept;
  void (*attention)(const AttentionArgs& args) noexcept;
  void (*depthwise)(const DepthwiseArgs& args) noexcept;

  // Independent fused multiply-adds on registers, nothing else: the arithmetic roof. Returns the FLOPs done; *sink
  // takes the result.
  int64_t (*flops)(int64_t rounds, float* sink) noexcept;
};

}  // namespace hilum
