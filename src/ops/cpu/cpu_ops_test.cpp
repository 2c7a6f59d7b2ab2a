#include "ops/cpu/cpu_ops.h"

#include <cstring>
#include <filesystem>

#include "base/expect_error_for_test.h"
#include "base/process.h"
#include "base/temp_folder_for_test.h"
#include "kernels/select.h"
#include "ops/ops_suite.h"
#include "ops/refusal_suite.h"
#include "tensor/safetensors.h"

namespace hilum {
namespace {

std::vector<OpsCase> every_table() {
  std::vector<OpsCase> cases;
  for (const KernelTable* table : runnable_kernel_tables())
    for (const int threads : {1, 3})
      cases.push_back({std::string(table->name) + "_" + std::to_string(threads),
          [=] { return make_cpu_ops({.table = table, .threads = threads}); }, true});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Cpu, OpsSuite, testing::ValuesIn(every_table()), OpsCase::label);
INSTANTIATE_TEST_SUITE_P(Cpu, RefusalSuite,
    testing::Values(RefusalCase{"cpu", [] { return make_cpu_ops({.threads = 1}); }}), RefusalCase::label);

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
  const Error error =
      expect_error([&] { ops->linear(Tensor::host({1, 2}, std::vector<float>{1, 2}), weight, nullptr); });
  EXPECT_NE(std::string(error.what()).find("blocks.3.attn.qkv.weight"), std::string::npos);
}

// Read by whoever may not write the file: what is packed once is not held twice, and the stored values stay what they
// were.
TEST(CpuOps, AMappedWeightsPagesLeaveOncePacked) {
  constexpr int64_t kSide = 4096;  // 64 MiB as F32
  const TempFolder folder;
  const fs::path path = folder / "pages.safetensors";
  Tensor values = Tensor::host({kSide, kSide});
  for (int64_t i = 0; i < kSide * kSide; ++i) values.f32()[i] = static_cast<float>(i % 251);
  const std::vector<NamedTensor> named = {{"w", values}};
  write_safetensors(path, named);
  const SafetensorsFile file(path);
  const auto ops = make_cpu_ops();
  const Tensor x = Tensor::host({1, kSide}, std::vector<float>(kSide, 1.0f));
  Param mapped("mapped", {kSide, kSide}), owned("owned", {kSide, kSide});
  mapped.set_data(file.tensor("w"));
  owned.set_data(values);
  const uint64_t before = process_memory().file;
  const Tensor y = ops->linear(x, mapped, nullptr), z = ops->linear(x, owned, nullptr);
  EXPECT_LT(process_memory().file, before + (uint64_t{8} << 20));
  EXPECT_EQ(std::memcmp(y.bytes(), z.bytes(), y.size_bytes()), 0);
  EXPECT_EQ(values.f32()[1234567], static_cast<float>(1234567 % 251));
  EXPECT_EQ(std::memcmp(mapped.data().bytes(), values.bytes(), values.size_bytes()), 0);
}

}  // namespace
}  // namespace hilum
