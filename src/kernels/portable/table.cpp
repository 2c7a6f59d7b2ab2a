#include "portable.h"

namespace hilum {

extern const KernelTable kPortableTable;
const KernelTable kPortableTable = {
    .name = "portable",
    .needs = 0,
    .add = portable::add,
    .mul = portable::mul,
    .scale = portable::scale,
    .exp = portable::exp,
    .gelu = portable::gelu,
    .quick_gelu = portable::quick_gelu,
    .silu = portable::silu,
    .tanh = portable::tanh,
    .gated_silu = portable::gated_silu,
    .softmax = portable::softmax,
    .layer_norm = portable::layer_norm,
    .rms_norm = portable::rms_norm,
    .dot = portable::dot,
    .rope = portable::rope,
    .f16_to_f32 = portable::f16_to_f32,
    .bf16_to_f32 = portable::bf16_to_f32,
    .pack = portable::pack,
    .gemm = portable::gemm,
    .attention = portable::attention,
    .depthwise = portable::depthwise,
    .flops = portable::flops,
};

}  // namespace hilum
