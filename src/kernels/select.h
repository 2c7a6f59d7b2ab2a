// Which kernel table runs. Tables are complete: what an instruction set leaves out is filled with the portable kernel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"

namespace hilum {

// All tables, fastest first, whether this machine can run them or not.
const std::vector<const KernelTable*>& all_kernel_tables();
// Those that a machine offering `offers` (CpuFeatures::offers) can run, fastest first; portable is always among them.
std::vector<const KernelTable*> runnable_kernel_tables(uint32_t offers);
std::vector<const KernelTable*> runnable_kernel_tables();

// The table named, or the fastest for an empty name. Error for an unknown name (the known ones listed) and for a table
// that needs what `offers` lacks.
const KernelTable& select_kernel_table(const std::string& name, uint32_t offers);
// The same for this machine and the name in the environment variable HILUM_KERNELS.
const KernelTable& select_kernel_table();

}  // namespace hilum
