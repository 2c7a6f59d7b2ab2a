// What this machine can do at most right now, to hold a measurement against: neighbours on a shared machine move it by
// tens of percent.
#pragma once

#include "kernels/kernel_table.h"

namespace hilum {

// F32 GFLOP/s (a fused multiply-add counts two) of `threads` threads doing nothing else, with the table's registers.
// Takes about 0.1 s.
double measure_flops_roof(const KernelTable& table, int threads);

// GB/s (10⁹ bytes) that `threads` threads together read from memory, from a buffer far larger than the caches. Takes
// about 0.2 s.
double measure_read_roof(int threads);

}  // namespace hilum
