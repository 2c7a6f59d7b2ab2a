#include "kernels/kernel_table.h"

#include "vec.h"

#include "kernels/body_math.h"
#include "kernels/body_rows.h"

namespace {

using hilum::AttentionArgs;
using hilum::DepthwiseArgs;
using hilum::GemmArgs;
using hilum::kMaxHeadDim;
using hilum::kPanelWidth;
using hilum::WeightType;

// 16 registers: 12 sums, a broadcast and two of weights.
constexpr int kMaxRows = 6;
constexpr int panels_for(int rows) { return rows == 1 ? 4 : rows <= 3 ? 2 : 1; }
}  // namespace

#include "kernels/body_gemm.h"
#include "kernels/body_attention.h"
#include "kernels/body_depthwise.h"
#include "kernels/body_pack.h"

namespace hilum {

extern const KernelTable kAvx2Table;
const KernelTable kAvx2Table = {
    .name = "avx2",
    .needs = kNeedAvx2,
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

}  // namespace hilum
