// The table of an instruction set, made of the other bodies. Included after its vec.h and after kMaxRows and
// panels_for, which say how many sums its registers hold (body_gemm.h).
#pragma once

#include "kernels/body_math.h"
#include "kernels/body_rows.h"
#include "kernels/kernel_table.h"

namespace {

using hilum::AttentionArgs;
using hilum::DepthwiseArgs;
using hilum::GemmArgs;
using hilum::kMaxHeadDim;
using hilum::kPanelWidth;
using hilum::WeightType;

}  // namespace

#include "kernels/body_gemm.h"

#include "kernels/body_attention.h"
#include "kernels/body_depthwise.h"
#include "kernels/body_pack.h"

namespace {

constexpr hilum::KernelTable table_of_bodies(const char* name, uint32_t needs) {
  return {
      .name = name,
      .needs = needs,
      .add = add_n,
      .mul = mul_n,
      .scale = scale_n,
      .exp = exp_n,
      .gelu = gelu_n,
      .quick_gelu = quick_gelu_n,
      .silu = silu_n,
      .tanh = tanh_n,
      .gated_silu = gated_silu_n,
      .softmax = softmax_row,
      .layer_norm = layer_norm_row,
      .rms_norm = rms_norm_row,
      .dot = dot_n,
      .rope = rope_row,
      .f16_to_f32 = f16_to_f32_n,
      .bf16_to_f32 = bf16_to_f32_n,
      .pack = pack,
      .gemm = gemm,
      .attention = attention,
      .depthwise = depthwise_row,
      .flops = flops_rounds,
  };
}

}  // namespace
