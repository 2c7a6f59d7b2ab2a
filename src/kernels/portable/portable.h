// The kernels in plain code for any x86-64: what a machine without AVX2 runs, and what every other table is tested
// against.
#pragma once

#include "kernels/kernel_table.h"

namespace hilum::portable {

void add(const float* a, const float* b, float* y, int64_t n) noexcept;
void mul(const float* a, const float* b, float* y, int64_t n) noexcept;
void scale(const float* x, float factor, float* y, int64_t n) noexcept;
void exp(const float* x, float* y, int64_t n) noexcept;
void gelu(const float* x, float* y, int64_t n) noexcept;
void quick_gelu(const float* x, float* y, int64_t n) noexcept;
void silu(const float* x, float* y, int64_t n) noexcept;
void tanh(const float* x, float* y, int64_t n) noexcept;
void gated_silu(const float* gate, const float* up, float* y, int64_t n) noexcept;
void softmax(const float* x, float* y, int64_t n) noexcept;
void layer_norm(const float* x, const float* weight, const float* bias, float* y, int64_t n, float eps) noexcept;
void rms_norm(const float* x, const float* weight, float* y, int64_t n, float eps) noexcept;
float dot(const float* a, const float* b, int64_t n) noexcept;
void rope(const float* x, const float* cos, const float* sin, float* y, int64_t half) noexcept;
void f16_to_f32(const uint16_t* x, float* y, int64_t n) noexcept;
void bf16_to_f32(const uint16_t* x, float* y, int64_t n) noexcept;
void pack(
    const void* weight, WeightType type, int64_t ldw, int64_t k, int64_t first, int64_t last, void* panels) noexcept;
void gemm(const GemmArgs& args) noexcept;
void attention(const AttentionArgs& args) noexcept;
void depthwise(const DepthwiseArgs& args) noexcept;
int64_t flops(int64_t rounds, float* sink) noexcept;

}  // namespace hilum::portable
