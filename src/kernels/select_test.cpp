#include "kernels/select.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "kernels/cpu_features.h"
#include "kernels/roofs.h"

namespace hilum {
namespace {

constexpr uint32_t kAll = kNeedAvx2 | kNeedAvx512Vnni;

TEST(SelectKernels, TheFastestThatRunsComesFirst) {
  EXPECT_STREQ(select_kernel_table("", kAll).name, "avx512_vnni");
  EXPECT_STREQ(select_kernel_table("", kNeedAvx2).name, "avx2");
  EXPECT_STREQ(select_kernel_table("", 0).name, "portable");
  EXPECT_STREQ(select_kernel_table("", kNeedAvx512Vnni).name, "portable") << "AVX-512 code here uses AVX2 too";
}

TEST(SelectKernels, ForcedTableIsTaken) {
  for (const char* name : {"portable", "avx2", "avx512_vnni"}) EXPECT_STREQ(select_kernel_table(name, kAll).name, name);
}

TEST(SelectKernels, ForcedTableTheMachineLacksThrows) {
  EXPECT_THROW(select_kernel_table("avx2", 0), Error);
  EXPECT_THROW(select_kernel_table("avx512_vnni", kNeedAvx2), Error);
  EXPECT_NO_THROW(select_kernel_table("portable", 0));
}

TEST(SelectKernels, UnknownNameListsTheKnownOnes) {
  const Error error = expect_error([&] { select_kernel_table("avx1024", kAll); });
  const std::string text = error.what();
  for (const char* part : {"avx1024", "portable", "avx2", "avx512_vnni"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(SelectKernels, TheEnvironmentForces) {
  const char* before = std::getenv("HILUM_KERNELS");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string kept = before ? before : "";
  setenv("HILUM_KERNELS", "portable", 1);
  EXPECT_STREQ(select_kernel_table().name, "portable");
  setenv("HILUM_KERNELS", "none such", 1);
  EXPECT_THROW(select_kernel_table(), Error);
  if (before) setenv("HILUM_KERNELS", kept.c_str(), 1);
  else unsetenv("HILUM_KERNELS");
}

TEST(SelectKernels, TablesAreComplete) {
  for (const KernelTable* t : all_kernel_tables())
    EXPECT_TRUE(t->add && t->exp && t->tanh && t->softmax && t->rope && t->pack && t->gemm && t->attention && t->flops)
        << t->name;
}

TEST(CpuFeatures, WhatIsOfferedIsSaved) {
  const CpuFeatures& f = cpu_features();
  EXPECT_FALSE(f.text().empty());
  if (f.offers() & kNeedAvx2) {
    EXPECT_TRUE(f.saves_ymm);
  }
  CpuFeatures unsaved = f;
  unsaved.saves_ymm = unsaved.saves_zmm = false;
  EXPECT_EQ(unsaved.offers(), 0u) << "a processor's instructions without the system's support count for nothing";
}

TEST(Roofs, ArePositive) {
  EXPECT_GT(measure_flops_roof(select_kernel_table("portable", 0), 1), 0.1);
  EXPECT_GT(measure_read_roof(1), 0.1);
}

}  // namespace
}  // namespace hilum
