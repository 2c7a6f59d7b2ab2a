#include "vec.h"

namespace {

// 32 registers: up to 28 sums, a broadcast and the weights.
constexpr int kMaxRows = 14;
constexpr int panels_for(int rows) { return rows <= 3 ? 8 : rows == 4 ? 6 : rows <= 6 ? 4 : rows <= 9 ? 3 : 2; }

}  // namespace

#include "kernels/body_table.h"

namespace hilum {

extern const KernelTable kAvx512VnniTable;
constinit const KernelTable kAvx512VnniTable = table_of_bodies("avx512_vnni", kNeedAvx2 | kNeedAvx512Vnni);

}  // namespace hilum
