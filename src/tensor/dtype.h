// Element types of tensors and files.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hilum {

// Every dtype safetensors names (ecosystem sheet 4.2), then the quantised blocks a Param may hold.
enum class DType : uint8_t {
  kF32,
  kF16,
  kBF16,
  kF64,
  kI64,
  kI32,
  kI16,
  kI8,
  kU8,
  kU16,
  kU32,
  kU64,
  kBool,
  kC64,
  kF8E5M2,
  kF8E4M3,
  kF8E8M0,
  kF8E4M3Fnuz,
  kF8E5M2Fnuz,
  kF6E2M3,
  kF6E3M2,
  kF4,
  kQ8_0,
  kQ4_0,  // blocks of 32 values; layouts come with the quantised kernels
};

// Bits of one element; 0 for block types, whose size is not per element.
int dtype_bits(DType dtype);
// The safetensors name ("F32"); block types have one of ours ("Q8_0").
std::string_view dtype_name(DType dtype);
// What a weight may be stored as: F32, F16, BF16, F64.
inline bool is_float(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16 || dtype == DType::kF64;
}
// Throws Error for a name that is none.
DType dtype_from_name(std::string_view name, const std::string& where);

// IEEE half and bfloat16, in the obvious way; the kernels hold the fast forms and are tested against these.
inline float bf16_to_f32(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
uint16_t f32_to_bf16(float value);  // round to nearest even; NaN stays NaN
float f16_to_f32(uint16_t bits);
uint16_t f32_to_f16(float value);  // round to nearest even; overflow gives infinity

}  // namespace hilum
