// The deployed backend: host tensors, our kernels, the process's team of threads.
#pragma once

#include <memory>

#include "kernels/kernel_table.h"
#include "ops/ops.h"

namespace hilum {

struct CpuOpsConfig {
  const KernelTable* table = nullptr;  // null: select_kernel_table(), which obeys HILUM_KERNELS and may throw Error
  int threads = 0;                     // 0: one per core
};

// Weights are packed for the kernels the first time each is used and kept under the parameter's address for as long as
// its data stays the same. One backend serves one thread at a time. Tensors may outlive it.
std::unique_ptr<Ops> make_cpu_ops(const CpuOpsConfig& config = {});

}  // namespace hilum
