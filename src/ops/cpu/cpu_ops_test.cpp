#include "ops/cpu/cpu_ops.h"

#include "kernels/select.h"
#include "ops/ops_suite.h"

namespace hilum {
namespace {

std::vector<OpsCase> every_table() {
  std::vector<OpsCase> cases;
  for (const KernelTable* table : runnable_kernel_tables())
    for (const int threads : {1, 3})
      cases.push_back({std::string(table->name) + "_" + std::to_string(threads), [=] { return make_cpu_ops({.table = table, .threads = threads}); }, true});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Cpu, OpsSuite, testing::ValuesIn(every_table()), OpsCase::label);

TEST(CpuOps, NameSaysTheTable) {
  EXPECT_EQ(make_cpu_ops({.table = runnable_kernel_tables().back()})->name(), "cpu (portable)");
}

TEST(CpuOps, TensorsOutliveTheBackend) {
  auto ops = make_cpu_ops();
  const Tensor y = ops->scale(Tensor::host({2}, std::vector<float>{1, 2}), 3);
  ops.reset();
  EXPECT_EQ(y.f32()[1], 6);
}

TEST(CpuOps, MemoryIsHandedOutAgain) {
  const auto ops = make_cpu_ops();
  const Tensor x = Tensor::host({1000}, std::vector<float>(1000, 1.0f));
  const float* first = ops->scale(x, 2).f32();
  EXPECT_EQ(ops->scale(x, 2).f32(), first);
}

TEST(CpuOps, AParameterWithoutDataIsAnErrorThatNamesIt) {
  const auto ops = make_cpu_ops();
  const Param weight("blocks.3.attn.qkv.weight", {2, 2});
  try {
    ops->linear(Tensor::host({1, 2}, std::vector<float>{1, 2}), weight, nullptr);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("blocks.3.attn.qkv.weight"), std::string::npos);
  }
}

}  // namespace
}  // namespace hilum
