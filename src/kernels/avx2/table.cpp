#include "vec.h"

namespace {

// 16 registers: 12 sums, a broadcast and two of weights.
constexpr int kMaxRows = 6;
constexpr int panels_for(int rows) { return rows == 1 ? 4 : rows <= 3 ? 2 : 1; }

}  // namespace

#include "kernels/body_table.h"

namespace hilum {

extern const KernelTable kAvx2Table;
constinit const KernelTable kAvx2Table = table_of_bodies("avx2", kNeedAvx2);

}  // namespace hilum
