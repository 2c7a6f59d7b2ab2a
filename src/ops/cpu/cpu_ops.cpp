#include "ops/cpu/cpu_ops.h"

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "kernels/select.h"
#include "ops/cpu/cpu_ops_impl.h"

namespace hilum {
namespace {
constexpr size_t kKeepBytes = size_t{256} << 20;  // unused blocks the pool holds on to
}

CpuOps::CpuOps(const CpuOpsConfig& config)
    : table_(config.table ? *config.table : select_kernel_table()),
      threads_(
          config.threads > 0 ? config.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))),
      name_(std::string("cpu (") + table_.name + ")"),
      pool_(BufferPool::make(kKeepBytes)),
      weights_(table_, threads_) {}

std::unique_ptr<Ops> make_cpu_ops(const CpuOpsConfig& config) { return std::make_unique<CpuOps>(config); }

Tensor CpuOps::do_from_host(const Tensor& host) { return to_f32(host); }
Tensor CpuOps::do_to_host(const Tensor& x) { return x; }
Tensor CpuOps::do_parameter(const Param& p) { return weights_.f32(p); }

}  // namespace hilum
