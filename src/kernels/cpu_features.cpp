#include "kernels/cpu_features.h"

#include <cpuid.h>

#include <cstring>
#include <utility>

#include "kernels/kernel_table.h"

namespace hilum {
namespace {

struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};
Registers cpuid(unsigned leaf, unsigned sub = 0) {
  Registers r;
  __get_cpuid_count(leaf, sub, &r.a, &r.b, &r.c, &r.d);  // leaves the zeros where the leaf does not exist
  return r;
}
bool bit(unsigned word, int n) { return (word >> n) & 1u; }

// XCR0: bit 1 XMM, 2 YMM, 5 to 7 the AVX-512 state (Intel SDM volume 1, section 13.3).
uint64_t saved_state() {
  unsigned low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

CpuFeatures ask() {
  CpuFeatures f;
  const Registers zero = cpuid(0), one = cpuid(1), seven = cpuid(7);
  char vendor[13] = {};
  std::memcpy(vendor, &zero.b, 4);
  std::memcpy(vendor + 4, &zero.d, 4);
  std::memcpy(vendor + 8, &zero.c, 4);
  f.vendor = vendor;
  char model[49] = {};
  if (cpuid(0x80000000u).a >= 0x80000004u)
    for (unsigned i = 0; i < 3; ++i) {
      const Registers part = cpuid(0x80000002u + i);
      std::memcpy(model + 16 * i, &part, 16);
    }
  f.model = model;
  while (!f.model.empty() && f.model.back() == ' ') f.model.pop_back();
  f.fma = bit(one.c, 12);
  f.f16c = bit(one.c, 29);
  f.avx2 = bit(one.c, 28) && bit(seven.b, 5);
  f.avx512f = bit(seven.b, 16);
  f.avx512dq = bit(seven.b, 17);
  f.avx512bw = bit(seven.b, 30);
  f.avx512vl = bit(seven.b, 31);
  f.avx512vnni = bit(seven.c, 11);
  if (bit(one.c, 27)) {  // OSXSAVE: xgetbv may be used
    const uint64_t saved = saved_state();
    f.saves_ymm = (saved & 0x6) == 0x6;
    f.saves_zmm = (saved & 0xe6) == 0xe6;
  }
  return f;
}

}  // namespace

uint32_t CpuFeatures::offers() const {
  uint32_t bits = 0;
  if (avx2 && fma && f16c && saves_ymm) bits |= kNeedAvx2;
  if (avx512f && avx512bw && avx512vl && avx512dq && avx512vnni && saves_zmm) bits |= kNeedAvx512Vnni;
  return bits;
}

std::string CpuFeatures::text() const {
  std::string out = model.empty() ? vendor : model;
  out += ":";
  const std::pair<bool, const char*> flags[] = {{avx2, "avx2"}, {fma, "fma"}, {f16c, "f16c"}, {avx512f, "avx512f"},
      {avx512bw, "avx512bw"}, {avx512vl, "avx512vl"}, {avx512dq, "avx512dq"}, {avx512vnni, "avx512vnni"}};
  for (const auto& [present, name] : flags)
    if (present) out += std::string(" ") + name;
  out += saves_zmm ? " (saved: 256-bit, 512-bit)" : saves_ymm ? " (saved: 256-bit)" : " (saved: 128-bit)";
  return out;
}

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = ask();
  return features;
}

}  // namespace hilum
