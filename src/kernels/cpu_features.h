// What this processor offers and the operating system saves on a task switch. Both are asked: a processor with AVX-512
// under a system that does not save its registers would corrupt them.
#pragma once

#include <cstdint>
#include <string>

namespace hilum {

struct CpuFeatures {
  std::string vendor, model;  // "AuthenticAMD", "AMD EPYC ..."
  bool avx2 = false, fma = false, f16c = false;
  bool avx512f = false, avx512bw = false, avx512vl = false, avx512dq = false, avx512vnni = false;
  bool saves_ymm = false, saves_zmm = false;  // XGETBV: state the operating system keeps

  uint32_t offers() const;   // CpuNeed bits (kernel_table.h)
  std::string text() const;  // "AMD EPYC: avx2 fma f16c avx512f ... (saved: 256-bit 512-bit)"
};

// Asked once, then kept.
const CpuFeatures& cpu_features();

}  // namespace hilum
