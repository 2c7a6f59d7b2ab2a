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

// 32 registers: up to 28 sums, a broadcast and the weights.
constexpr int kMaxRows = 14;
constexpr int panels_for(int rows) { return rows <= 3 ? 8 : rows == 4 ? 6 : rows <= 6 ? 4 : rows <= 9 ? 3 : 2; }
}  // namespace

#include "kernels/body_gemm.h"
#include "kernels/body_attention.h"
#include "kernels/body_depthwise.h"
#include "kernels/body_pack.h"

namespace hilum {

extern const KernelTable kAvx512VnniTable;
const KernelTable kAvx512VnniTable = {
    .name = "avx512_vnni",
    .needs = kNeedAvx2 | kNeedAvx512Vnni,
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
