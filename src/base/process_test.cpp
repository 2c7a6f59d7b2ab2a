#include "base/process.h"

#include <gtest/gtest.h>

#include <cstring>

#include <sys/mman.h>

namespace hilum {
namespace {

TEST(Process, MemoryThatIsTouchedIsCounted) {
  const ProcessMemory before = process_memory();
  constexpr size_t kBytes = size_t{96} << 20;
  void* block = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
      0);  // not the heap, which sanitizers hold on to
  ASSERT_NE(block, MAP_FAILED);
  std::memset(block, 1, kBytes);
  const ProcessMemory now = process_memory();
  EXPECT_GE(now.anonymous, before.anonymous + kBytes * 9 / 10);
  EXPECT_GE(now.peak, now.anonymous);
  EXPECT_LT(now.anonymous, physical_memory());
  EXPECT_GT(now.file, 0u);
  munmap(block, kBytes);
  const ProcessMemory after = process_memory();
  EXPECT_LT(after.anonymous, before.anonymous + kBytes / 2);
  EXPECT_GE(after.peak, before.anonymous + kBytes * 9 / 10);  // the peak stays
}

TEST(Process, ItsAgeIsThatOfTheProcess) {
  const double age = seconds_since_start();
  EXPECT_GE(age, 0);
  EXPECT_LT(age, 600);
  EXPECT_GE(seconds_since_start(), age);
}

}  // namespace
}  // namespace hilum
