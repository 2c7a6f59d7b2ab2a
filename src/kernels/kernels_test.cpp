// Every table this machine runs against the portable one, at odd widths and misaligned starts; the exact functions
// against double.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "kernels/select.h"
#include "tensor/dtype.h"

namespace hilum {
namespace {

using Floats = std::vector<float>;
constexpr float kGuard = -12345.0f;  // stands behind each output and must stay

Floats random(size_t n, double spread = 1) {
  static Rng rng(7);
  Floats out(n);
  for (float& value : out) value = static_cast<float>(spread * rng.normal());
  return out;
}

// 1 to two vectors of the widest table and one more, then around the powers of two
std::vector<int64_t> widths() {
  std::vector<int64_t> out;
  for (int64_t n = 1; n <= 33; ++n) out.push_back(n);
  for (const int64_t n : {64, 128, 256, 1024}) out.insert(out.end(), {n - 1, n, n + 1});
  return out;
}

class Kernels : public testing::TestWithParam<const KernelTable*> {
 protected:
  const KernelTable& table_ = *GetParam();
  const KernelTable& portable_ = *runnable_kernel_tables(0).front();

  // Runs f(table, x, y, n) with both tables at every width and at starts 0..3 floats off the alignment, and compares
  // with |a - b| <= tolerance · (size + |b|).
  void compare(double spread, double tolerance, double size,
      const std::function<void(const KernelTable&, const float*, float*, int64_t)>& f) {
    for (const int64_t n : widths())
      for (size_t off = 0; off < 4; ++off) {
        const Floats x = random(static_cast<size_t>(3 * n) + off, spread);
        Floats got(static_cast<size_t>(n) + off + 1, kGuard), want = got;
        f(table_, x.data() + off, got.data() + off, n);
        f(portable_, x.data() + off, want.data() + off, n);
        ASSERT_EQ(got.back(), kGuard) << "written past the end at width " << n;
        for (size_t i = 0; i < want.size(); ++i)
          ASSERT_LE(std::fabs(got[i] - want[i]), tolerance * (size + std::fabs(want[i])))
              << "width " << n << ", start " << off << ", value " << i << ": " << got[i] << " for " << want[i];
      }
  }
};
INSTANTIATE_TEST_SUITE_P(Table, Kernels, testing::ValuesIn(runnable_kernel_tables()),
    [](const auto& table) { return std::string(table.param->name); });

// One rounding each: equal up to an ulp, 1.2e-7.
TEST_P(Kernels, SimpleElementwiseMatchesPortable) {
  compare(1, 1.3e-7, 0, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.add(x, x + n, y, n); });
  compare(1, 1.3e-7, 0, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.mul(x, x + n, y, n); });
  compare(1, 1.3e-7, 0, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.scale(x, 0.3f, y, n); });
}

// exp within 2e-7, then a sum and a quotient of one ulp each; the sigmoids' argument is rounded once, which |argument|
// · 6e-8 magnifies: at spread 3 the arguments stay below 20.
TEST_P(Kernels, ActivationsMatchPortable) {
  compare(3, 6e-7, 1e-30, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.gelu(x, y, n); });
  compare(3, 2e-6, 1e-30, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.quick_gelu(x, y, n); });
  compare(3, 6e-7, 1e-30, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.silu(x, y, n); });
  compare(1, 4e-7, 0, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.tanh(x, y, n); });
  compare(
      3, 8e-7, 1e-30, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.gated_silu(x, x + n, y, n); });
}

// A sum of n positive values in four or more running sums: error below n/4 · 6e-8, 1.5e-5 at n = 1025; in practice
// under 1e-6.
TEST_P(Kernels, RowsMatchPortable) {
  compare(3, 2e-6, 0, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.softmax(x, y, n); });
  compare(
      1, 2e-6, 0, [](const KernelTable& t, const float* x, float* y, int64_t n) { t.rms_norm(x, x + n, y, n, 1e-5f); });
  // eps 1 keeps rows of one value, whose variance is pure rounding, from being blown up
  compare(1, 2e-6, 2,
      [](const KernelTable& t, const float* x, float* y, int64_t n) { t.layer_norm(x, x + n, x + 2 * n, y, n, 1.0f); });
  // n products of size 1: sqrt(n) · 6e-8 · 4
  compare(1, 8e-6, 1, [](const KernelTable& t, const float* x, float* y, int64_t n) { *y = t.dot(x, x + n, n); });
}

TEST_P(Kernels, RopeMatchesPortableAlsoInPlace) {
  for (const int64_t half : widths()) {
    const auto n = static_cast<size_t>(half);
    const Floats x = random(2 * n), cos = random(n), sin = random(n);
    Floats got(2 * n + 1, kGuard), want(2 * n), place = x;
    table_.rope(x.data(), cos.data(), sin.data(), got.data(), half);
    portable_.rope(x.data(), cos.data(), sin.data(), want.data(), half);
    table_.rope(place.data(), cos.data(), sin.data(), place.data(), half);
    EXPECT_EQ(got.back(), kGuard);
    for (size_t i = 0; i < 2 * n; ++i) {
      ASSERT_NEAR(got[i], want[i], 2e-6);  // two products of a few units, one rounding less where fused
      ASSERT_EQ(place[i], got[i]);
    }
  }
}

TEST_P(Kernels, ExpIsWithinTwoTenMillionths) {
  Floats x;
  for (double v = -87.29; v < 88.72; v += 0.00173) x.push_back(static_cast<float>(v));
  Floats y(x.size());
  table_.exp(x.data(), y.data(), static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = std::exp(static_cast<double>(x[i]));
    ASSERT_LE(std::fabs(y[i] - want), 2e-7 * want) << x[i];
  }
}

TEST_P(Kernels, ExpOfTheExtremes) {
  const float inf = std::numeric_limits<float>::infinity();
  const Floats x = {-inf, -1e30f, -88.0f, 0.0f, -0.0f, std::nanf("")};
  Floats y(x.size());
  table_.exp(x.data(), y.data(), static_cast<int64_t>(x.size()));
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], 0);
  EXPECT_EQ(y[3], 1);
  EXPECT_EQ(y[4], 1);
  EXPECT_TRUE(std::isnan(y[5]));
}

// Relative to the true value also where gelu nearly vanishes, down to -13, past which it is below the normal range.
TEST_P(Kernels, GeluIsWithinOneMillionth) {
  Floats x;
  for (double v = -13; v < 13; v += 0.00037) x.push_back(static_cast<float>(v));
  x.insert(x.end(), {-100.0f, 100.0f, 1e-20f, -1e-20f});
  Floats y(x.size());
  table_.gelu(x.data(), y.data(), static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = 0.5 * x[i] * std::erfc(-static_cast<double>(x[i]) / std::sqrt(2.0));
    ASSERT_LE(std::fabs(y[i] - want), 1e-6 * std::fabs(want) + 1e-37) << x[i];
  }
}

TEST_P(Kernels, TanhIsWithinThreeTenMillionths) {
  Floats x;
  for (double v = -12; v < 12; v += 0.00041) x.push_back(static_cast<float>(v));
  Floats y(x.size());
  table_.tanh(x.data(), y.data(), static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = std::tanh(static_cast<double>(x[i]));
    ASSERT_LE(std::fabs(y[i] - want), 3e-7 * std::fabs(want)) << x[i];
  }
}

TEST_P(Kernels, NotANumberComesThrough) {
  Floats x(20, 1.0f), y(20);
  x[5] = x[18] = std::nanf("");
  for (const auto kernel : {table_.gelu, table_.quick_gelu, table_.silu, table_.tanh}) {
    kernel(x.data(), y.data(), 20);
    EXPECT_TRUE(std::isnan(y[5]) && std::isnan(y[18]));
    EXPECT_FALSE(std::isnan(y[4]));
  }
  table_.softmax(x.data(), y.data(), 20);
  EXPECT_TRUE(std::isnan(y[0]));
}

TEST_P(Kernels, EveryHalfAndBfloatConvertsExactly) {
  std::vector<uint16_t> bits(65536);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i);
  Floats f16(65536), bf16(65536);
  for (const int64_t n : {int64_t{65536}, int64_t{65536 - 3}}) {
    table_.f16_to_f32(bits.data(), f16.data(), n);
    table_.bf16_to_f32(bits.data(), bf16.data(), n);
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
      const float a = f16_to_f32(bits[i]), b = bf16_to_f32(bits[i]);
      ASSERT_TRUE(std::isnan(a) ? std::isnan(f16[i]) : std::memcmp(&a, &f16[i], 4) == 0) << i;
      ASSERT_TRUE(std::isnan(b) ? std::isnan(bf16[i]) : std::memcmp(&b, &bf16[i], 4) == 0) << i;
    }
  }
}

// panel[i / 16][j][i % 16] = weight[i][j], the last panel filled with zeros
TEST_P(Kernels, PackPutsEachWeightInItsPlace) {
  for (const int64_t n : {1, 15, 16, 17, 40})
    for (const int64_t k : {1, 7, 8, 9, 33}) {
      const int64_t ld = k + 3, padded = (n + 15) / 16 * 16;
      std::vector<uint32_t> wide(static_cast<size_t>(n * ld));
      std::vector<uint16_t> narrow(wide.size());
      for (size_t i = 0; i < wide.size(); ++i)
        narrow[i] = static_cast<uint16_t>(wide[i] = static_cast<uint32_t>(i + 1));
      std::vector<uint32_t> wide_panels(static_cast<size_t>(padded * k), 99);
      std::vector<uint16_t> narrow_panels(wide_panels.size(), 99);
      table_.pack(wide.data(), WeightType::kF32, ld, k, 0, n, wide_panels.data());
      table_.pack(narrow.data(), WeightType::kBF16, ld, k, 0, n, narrow_panels.data());
      for (int64_t i = 0; i < padded; ++i)
        for (int64_t j = 0; j < k; ++j) {
          const auto at = static_cast<size_t>((i / 16 * k + j) * 16 + i % 16);
          const uint32_t want = i < n ? static_cast<uint32_t>(i * ld + j + 1) : 0;
          ASSERT_EQ(wide_panels[at], want) << n << " x " << k << " at " << i << ", " << j;
          ASSERT_EQ(narrow_panels[at], want) << n << " x " << k << " at " << i << ", " << j;
        }
    }
}

// k products of size 1 in one running sum: about sqrt(k) · sqrt(k) / 2 · 6e-8 = 1.5e-5 at k = 500 when errors add at
// random, fused or not. x and y have wider rows than needed; columns outside [first, last) must not be touched.
TEST_P(Kernels, GemmMatchesPortableForEveryRowCount) {
  for (const WeightType type : {WeightType::kF32, WeightType::kF16, WeightType::kBF16})
    for (const int64_t k : {1, 31, 384, 500})
      for (const int64_t n : {1, 16, 33, 257})
        for (int64_t rows = 1; rows <= 31; rows += rows < 16 ? 1 : 5) {
          const int64_t ldx = k + 1, ldy = n + 2, first = n > 32 ? 16 : 0, padded = (n + 15) / 16 * 16;
          const Floats x = random(static_cast<size_t>(rows * ldx)), bias = random(static_cast<size_t>(n)),
                       weight = random(static_cast<size_t>(n * k));
          std::vector<uint16_t> narrow(weight.size());
          for (size_t i = 0; i < weight.size(); ++i)
            narrow[i] = type == WeightType::kF16 ? f32_to_f16(weight[i]) : f32_to_bf16(weight[i]);
          Floats panels(static_cast<size_t>(padded * k));
          const bool wide = type == WeightType::kF32;
          portable_.pack(
              wide ? static_cast<const void*>(weight.data()) : narrow.data(), type, k, k, 0, n, panels.data());
          Floats got(static_cast<size_t>(rows * ldy), kGuard), want = got;
          GemmArgs args{.x = x.data(),
              .ldx = ldx,
              .rows = rows,
              .k = k,
              .panels = panels.data(),
              .type = type,
              .first = first,
              .last = n,
              .bias = rows % 2 ? bias.data() : nullptr,
              .y = got.data(),
              .ldy = ldy};
          table_.gemm(args);
          args.y = want.data();
          portable_.gemm(args);
          for (size_t i = 0; i < want.size(); ++i)
            ASSERT_LE(std::fabs(got[i] - want[i]), 1e-4)
                << rows << " x " << k << " x " << n << ": " << got[i] << " for " << want[i];
          // the last row alone gives the same bits
          Floats alone(static_cast<size_t>(ldy), kGuard);
          args.x = x.data() + (rows - 1) * ldx;
          args.rows = 1;
          args.y = alone.data();
          table_.gemm(args);
          ASSERT_EQ(std::memcmp(alone.data(), got.data() + (rows - 1) * ldy, alone.size() * sizeof(float)), 0)
              << rows << " rows";
        }
}

// Nine products of size 1 and a bias: about 10 · 6e-8, fused or not.
TEST_P(Kernels, DepthwiseMatchesPortableAtEveryEdge) {
  for (const int64_t channels : {1, 7, 8, 9, 16, 17, 33, 256})
    for (const int64_t width : {1, 2, 3, 15})
      for (int rows = 0; rows < 4; ++rows) {  // which of the neighbours are inside the grid
        const auto row = static_cast<size_t>(width * channels);
        const Floats x = random(3 * row), taps = random(static_cast<size_t>(9 * channels)),
                     bias = random(static_cast<size_t>(channels));
        Floats got(row + 1, kGuard), want = got;
        DepthwiseArgs args{.above = rows & 1 ? x.data() : nullptr,
            .here = x.data() + row,
            .below = rows & 2 ? x.data() + 2 * row : nullptr,
            .taps = taps.data(),
            .bias = bias.data(),
            .y = got.data(),
            .width = width,
            .channels = channels};
        table_.depthwise(args);
        args.y = want.data();
        portable_.depthwise(args);
        for (size_t i = 0; i < want.size(); ++i)
          ASSERT_NEAR(got[i], want[i], 5e-6) << channels << " channels, width " << width;
      }
}

// Weighted means of values of size 1, weights within a few 1e-7 · |score|.
TEST_P(Kernels, AttentionMatchesPortable) {
  for (const int64_t d : {1, 16, 24, 64, 256})
    for (const int64_t keys : {1, 15, 16, 17, 383, 385, 800})
      for (const int64_t rows : {1, 2, 13, 14, 15, 30}) {
        const int64_t padded = (keys + 15) / 16 * 16, ldv = (d + 15) / 16 * 16;
        const Floats q = random(static_cast<size_t>(rows * d), 1 / std::sqrt(static_cast<double>(d))),
                     k = random(static_cast<size_t>(keys * d)), v = random(static_cast<size_t>(keys * ldv));
        Floats panels(static_cast<size_t>(padded * d));
        portable_.pack(k.data(), WeightType::kF32, d, d, 0, keys, panels.data());
        std::vector<int64_t> visible;
        for (int64_t r = 0; r < rows; ++r) visible.push_back(std::max<int64_t>(1, keys * (r + 1) / rows));
        Floats got(static_cast<size_t>(rows * d) + 1, kGuard), want = got;
        AttentionArgs args{.q = q.data(),
            .ldq = d,
            .rows = rows,
            .d = d,
            .visible = visible.data(),
            .hidden = nullptr,
            .key_panels = panels.data(),
            .values = v.data(),
            .ldv = ldv,
            .y = got.data(),
            .ldy = d};
        table_.attention(args);
        args.y = want.data();
        portable_.attention(args);
        for (size_t i = 0; i < want.size(); ++i)
          ASSERT_NEAR(got[i], want[i], 5e-6) << "d " << d << ", keys " << keys << ", rows " << rows;
        std::vector<int64_t> hidden;  // a window: the same with keys hidden at the front
        for (const int64_t end : visible) hidden.push_back(std::max<int64_t>(0, end - 40));
        args.hidden = hidden.data();
        portable_.attention(args);
        args.y = got.data();
        table_.attention(args);
        for (size_t i = 0; i < want.size(); ++i)
          ASSERT_NEAR(got[i], want[i], 5e-6) << "window, d " << d << ", keys " << keys << ", rows " << rows;
      }
}

}  // namespace
}  // namespace hilum
