// One suite for every backend: each call of ops.h against its formula in double precision, ragged batches against one
// sequence at a time, cached decoding against the whole pass. A backend's test includes this once and instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Cpu, OpsSuite, testing::Values(OpsCase{"portable", [] { return make_cpu_ops(...); }}),
//   OpsCase::label);
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/rng.h"
#include "ops/ops.h"

namespace hilum {

struct OpsCase {
  std::string name;
  std::function<std::unique_ptr<Ops>()> make;
  bool same_bits = false;  // a row's result has the same bits whatever else is in the batch
  static std::string label(const testing::TestParamInfo<OpsCase>& info) { return info.param.name; }
};
inline void PrintTo(const OpsCase& c, std::ostream* out) { *out << c.name; }

class OpsSuite : public testing::TestWithParam<OpsCase> {
 protected:
  using Doubles = std::vector<double>;

  Tensor random(const Shape& shape, double spread = 1) {
    Tensor t = Tensor::host(shape);
    for (float& value : t.values()) value = static_cast<float>(spread * rng_.normal());
    return t;
  }
  void set(Param& p, const Tensor& values, DType storage = DType::kF32) { p.set_data(to_dtype(values, storage)); }
  // One call under a plan of its own.
  Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch,
      const AttentionConfig& config, KvCache* cache) {
    return ops_->attention(q, k, v, *ops_->plan(batch, cache), config);
  }
  Tensor rope(const Tensor& x, const RaggedBatch& batch, const RopeConfig& config) {
    return ops_->rope(x, *ops_->plan(batch), config);
  }
  Tensor up(const Tensor& host) { return ops_->from_host(host); }
  std::vector<float> down(const Tensor& x) {
    const Tensor host = ops_->to_host(x);
    return {host.values().begin(), host.values().end()};
  }
  static Doubles doubles(const Tensor& host) { return {host.values().begin(), host.values().end()}; }

  // |got - want| <= tolerance · max(1, |want|): each test says where its tolerance comes from, in units of the F32
  // epsilon 6e-8.
  void expect_near(const Tensor& got, const Shape& shape, const Doubles& want, double tolerance) {
    ASSERT_EQ(got.shape(), shape) << got.shape().text();
    const std::vector<float> values = down(got);
    ASSERT_EQ(values.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i)
      ASSERT_LE(std::fabs(values[i] - want[i]), tolerance * std::max(1.0, std::fabs(want[i])))
          << "at " << i << ": " << values[i] << " for " << want[i];
  }
  void expect_equal(const std::vector<float>& got, const std::vector<float>& want, double tolerance) {
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i)
      if (GetParam().same_bits) ASSERT_EQ(got[i], want[i]) << "at " << i;
      else ASSERT_NEAR(got[i], want[i], tolerance) << "at " << i;
  }
  void expect_elementwise(Tensor (Ops::*call)(const Tensor&), double (*formula)(double), double tolerance) {
    for (const int64_t n : {1, 3, 15, 16, 17, 31, 33, 1000, 70001}) {
      const Tensor x = random({n}, 3);
      Doubles want = doubles(x);
      for (double& value : want) value = formula(value);
      expect_near((ops_.get()->*call)(up(x)), {n}, want, tolerance);
    }
  }

  // softmax(scale q · kᵀ) · v row by row, in double; q [R, H*d], k, v [R, K*d]
  static Doubles attention_formula(
      const Tensor& q, const Tensor& k, const Tensor& v, const RaggedBatch& batch, const AttentionConfig& c) {
    const int64_t rows = batch.rows(), d = q.dim(1) / c.num_heads, kv_width = k.dim(1),
                  shared = c.num_heads / c.num_kv_heads;
    const double scale = c.scale != 0 ? c.scale : 1 / std::sqrt(static_cast<double>(d));
    const float *pq = q.f32(), *pk = k.f32(), *pv = v.f32();
    Doubles out(static_cast<size_t>(q.shape().count()), 0.0);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t h = 0; h < c.num_heads; ++h) {
        Doubles weight(static_cast<size_t>(rows), 0.0);
        double sum = 0;
        for (int64_t j = 0; j < rows; ++j) {
          const auto a = static_cast<size_t>(r), b = static_cast<size_t>(j);
          if (batch.slot[a] != batch.slot[b] || (c.causal && batch.position[b] > batch.position[a])) continue;
          if (c.window > 0 && batch.position[b] <= batch.position[a] - c.window) continue;
          double dot = 0;
          for (int64_t i = 0; i < d; ++i)
            dot += static_cast<double>(pq[r * q.dim(1) + h * d + i]) * pk[j * kv_width + h / shared * d + i];
          sum += weight[b] = std::exp(scale * dot);
        }
        for (int64_t j = 0; j < rows; ++j)
          for (int64_t i = 0; i < d; ++i)
            out[static_cast<size_t>(r * q.dim(1) + h * d + i)] +=
                weight[static_cast<size_t>(j)] / sum * pv[j * kv_width + h / shared * d + i];
      }
    return out;
  }
  static RaggedBatch lengths(const std::vector<int>& counts) {
    RaggedBatch batch;
    for (size_t s = 0; s < counts.size(); ++s)
      for (int p = 0; p < counts[s]; ++p) {
        batch.slot.push_back(static_cast<int32_t>(s));
        batch.position.push_back(p);
      }
    return batch;
  }

  std::unique_ptr<Ops> ops_ = GetParam().make();
  Rng rng_{20240611};
};

// y[r][o] = sum over i of x[r][i] weight[o][i], plus bias[o]. 300 terms of size 1 in F32: the error of a running sum is
// below 300 · 6e-8 · sqrt(300) = 3e-4 at worst and about 3e-6 in practice; 5e-5 leaves room and a wrong term shows
// as 1.
TEST_P(OpsSuite, LinearIsTheMatrixProductForEveryStorageAndRowCount) {
  for (const DType storage : {DType::kF32, DType::kF16, DType::kBF16})
    for (const auto& [rows, in, out] :
        std::vector<std::array<int64_t, 3>>{{1, 7, 5}, {1, 300, 133}, {2, 33, 17}, {3, 64, 16}, {4, 257, 129},
            {5, 300, 31}, {7, 16, 40}, {13, 65, 47}, {14, 256, 48}, {15, 300, 64}, {29, 100, 100}, {250, 270, 401}}) {
      Param weight("w", {out, in}), bias("b", {out});
      set(weight, random({out, in}), storage);
      set(bias, random({out}), storage);
      const Tensor x = random({rows, in}), w = to_f32(weight.data()), b = to_f32(bias.data());
      const float *px = x.f32(), *pw = w.f32();
      for (const bool with_bias : {true, false}) {
        Doubles want;
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t o = 0; o < out; ++o) {
            double sum = with_bias ? b.f32()[o] : 0.0;
            for (int64_t i = 0; i < in; ++i) sum += static_cast<double>(px[r * in + i]) * pw[o * in + i];
            want.push_back(sum);
          }
        SCOPED_TRACE(testing::Message() << rows << " x " << in << " -> " << out << " " << dtype_name(storage));
        expect_near(ops_->linear(up(x), weight, with_bias ? &bias : nullptr), {rows, out}, want, 5e-5);
      }
    }
}

TEST_P(OpsSuite, LinearKeepsTheOuterDimensions) {
  Param weight("w", {3, 4});
  set(weight, random({3, 4}));
  EXPECT_EQ(ops_->linear(up(random({2, 5, 4})), weight, nullptr).shape(), (Shape{2, 5, 3}));
}

TEST_P(OpsSuite, AParametersNewDataIsUsed) {
  Param weight("w", {1, 1});
  set(weight, Tensor::host({1, 1}, std::vector<float>{2}));
  const Tensor x = up(Tensor::host({1, 1}, std::vector<float>{3}));
  expect_near(ops_->linear(x, weight, nullptr), {1, 1}, {6}, 0);
  set(weight, Tensor::host({1, 1}, std::vector<float>{5}));
  expect_near(ops_->linear(x, weight, nullptr), {1, 1}, {15}, 0);
}

TEST_P(OpsSuite, EmbeddingTakesRows) {
  for (const DType storage : {DType::kF32, DType::kF16, DType::kBF16}) {
    Param table("t", {9, 19});
    set(table, random({9, 19}), storage);
    const Tensor wide = to_f32(table.data());
    const std::vector<int32_t> ids = {8, 0, 3, 3};
    Doubles want;
    for (const int32_t id : ids)
      for (int64_t i = 0; i < 19; ++i) want.push_back(wide.f32()[id * 19 + i]);
    expect_near(ops_->embedding(table, ids), {4, 19}, want, 0);
  }
}

TEST_P(OpsSuite, ParameterGivesTheStoredValues) {
  Param p("p", {2, 3});
  set(p, Tensor::host({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}), DType::kBF16);
  expect_near(ops_->parameter(p), {2, 3}, {1, 2, 3, 4, 5, 6}, 0);
}

// out[n][patch][o] = bias[o] + sum over c, y, x of image[n][c][py stride - padding + y][px stride - padding + x]
// weight[o][c][y][x], zero outside the image; patches row by row. At most 147 terms.
TEST_P(OpsSuite, PatchEmbedIsAConvolutionOverABorderOfZeros) {
  struct Case {
    int64_t c, p, stride, padding, h, w;
  };
  for (const auto& [c, p, stride, padding, h, w] : {Case{3, 4, 4, 0, 8, 12}, Case{3, 4, 4, 0, 11, 13},
           Case{3, 7, 4, 3, 16, 21}, Case{5, 3, 2, 1, 9, 4}, Case{2, 3, 1, 1, 1, 2}, Case{2, 3, 2, 0, 7, 7}}) {
    const int64_t n = 2, d = 21, down = (h + 2 * padding - p) / stride + 1, across = (w + 2 * padding - p) / stride + 1;
    Param weight("w", {d, c, p, p}), bias("b", {d});
    const Tensor image = random({n, c, h, w}), kernel = random({d, c, p, p}), b = random({d});
    set(weight, kernel);
    set(bias, b);
    Doubles want;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t py = 0; py < down; ++py)
        for (int64_t px = 0; px < across; ++px)
          for (int64_t o = 0; o < d; ++o) {
            double sum = b.f32()[o];
            for (int64_t ic = 0; ic < c; ++ic)
              for (int64_t y = 0; y < p; ++y)
                for (int64_t x = 0; x < p; ++x) {
                  const int64_t row = py * stride - padding + y, column = px * stride - padding + x;
                  if (row < 0 || row >= h || column < 0 || column >= w) continue;
                  sum += static_cast<double>(image.f32()[((i * c + ic) * h + row) * w + column]) *
                         kernel.f32()[((o * c + ic) * p + y) * p + x];
                }
            want.push_back(sum);
          }
    SCOPED_TRACE(testing::Message() << "patch " << p << ", stride " << stride << ", padding " << padding);
    expect_near(ops_->patch_embed(up(image), weight, &bias, stride, padding), {n, down * across, d}, want, 3e-5);
  }
}

// out[n][r][c][k] = bias[k] + sum over y, x of in[n][r + y - 1][c + x - 1][k] weight[k][0][y][x], zero outside the
// grid. Nine terms.
TEST_P(OpsSuite, DepthwiseConvolutionKeepsChannelsApart) {
  for (const DType storage : {DType::kF32, DType::kBF16})
    for (const auto& [h, w, channels] :
        std::vector<std::array<int64_t, 3>>{{1, 1, 3}, {4, 3, 16}, {2, 5, 21}, {7, 7, 64}}) {
      Param weight("w", {channels, 1, 3, 3}), bias("b", {channels});
      const Tensor x = random({2, h, w, channels}), b = random({channels});
      set(weight, random({channels, 1, 3, 3}), storage);
      set(bias, b);
      const Tensor kernel = to_f32(weight.data());
      Doubles want;
      for (int64_t n = 0; n < 2; ++n)
        for (int64_t r = 0; r < h; ++r)
          for (int64_t c = 0; c < w; ++c)
            for (int64_t k = 0; k < channels; ++k) {
              double sum = b.f32()[k];
              for (int64_t dy = 0; dy < 3; ++dy)
                for (int64_t dx = 0; dx < 3; ++dx) {
                  const int64_t row = r + dy - 1, column = c + dx - 1;
                  if (row < 0 || row >= h || column < 0 || column >= w) continue;
                  sum += static_cast<double>(x.f32()[((n * h + row) * w + column) * channels + k]) *
                         kernel.f32()[(k * 3 + dy) * 3 + dx];
                }
              want.push_back(sum);
            }
      expect_near(ops_->depthwise_conv3x3(up(x), weight, bias), {2, h, w, channels}, want, 5e-6);
    }
}

// (x - mean) / sqrt(mean((x - mean)²) + eps) · weight + bias. A mean of 100 over a spread of 1 costs 100 · 6e-8 per
// value.
TEST_P(OpsSuite, LayerNormHoldsForLargeMeans) {
  for (const int64_t d : {1, 5, 16, 33, 768}) {
    Param weight("w", {d}), bias("b", {d});
    const Tensor w = random({d}), b = random({d});
    set(weight, w);
    set(bias, b);
    Tensor x = random({4, d});
    for (float& value : x.values()) value += 100;
    Doubles want;
    for (int64_t r = 0; r < 4; ++r) {
      double mean = 0, var = 0;
      for (int64_t i = 0; i < d; ++i) mean += x.f32()[r * d + i] / static_cast<double>(d);
      for (int64_t i = 0; i < d; ++i) var += std::pow(x.f32()[r * d + i] - mean, 2) / static_cast<double>(d);
      for (int64_t i = 0; i < d; ++i)
        want.push_back((x.f32()[r * d + i] - mean) / std::sqrt(var + 1e-6) * w.f32()[i] + b.f32()[i]);
    }
    expect_near(ops_->layer_norm(up(x), weight, bias, 1e-6f), {4, d}, want, d == 1 ? 1e-6 : 1e-4);
  }
}

// x / sqrt(mean(x²) + eps) · weight
TEST_P(OpsSuite, RmsNorm) {
  for (const int64_t d : {1, 17, 64, 2048}) {
    Param weight("w", {d});
    const Tensor w = random({d}), x = random({3, d});
    set(weight, w);
    Doubles want;
    for (int64_t r = 0; r < 3; ++r) {
      double square = 0;
      for (int64_t i = 0; i < d; ++i)
        square += std::pow(static_cast<double>(x.f32()[r * d + i]), 2) / static_cast<double>(d);
      for (int64_t i = 0; i < d; ++i) want.push_back(x.f32()[r * d + i] / std::sqrt(square + 1e-5) * w.f32()[i]);
    }
    expect_near(ops_->rms_norm(up(x), weight, 1e-5f), {3, d}, want, 2e-6);
  }
}

TEST_P(OpsSuite, ChannelScaleAddMulScale) {
  Param lambda("l", {5});
  const Tensor x = random({2, 3, 5}), same = random({2, 3, 5}), last = random({3, 5}), l = random({5});
  set(lambda, l);
  Doubles scaled, added, repeated, multiplied, factor;
  for (int64_t i = 0; i < 30; ++i) {
    const double value = x.f32()[i];
    scaled.push_back(value * l.f32()[i % 5]);
    added.push_back(value + same.f32()[i]);
    repeated.push_back(value + last.f32()[i % 15]);
    multiplied.push_back(value * last.f32()[i % 15]);
    factor.push_back(value * -2.5);
  }
  const Shape shape{2, 3, 5};
  expect_near(ops_->channel_scale(up(x), lambda), shape, scaled, 2e-7);
  expect_near(ops_->add(up(x), up(same)), shape, added, 2e-7);
  expect_near(ops_->add(up(x), up(last)), shape, repeated, 2e-7);
  expect_near(ops_->mul(up(x), up(last)), shape, multiplied, 2e-7);
  expect_near(ops_->scale(up(x), -2.5f), shape, factor, 2e-7);
}

TEST_P(OpsSuite, ARepeatedAddendKeepsItsPlaceInLargeTensors) {
  const Tensor x = random({200, 129}),
               row = random({129});  // larger than one thread's piece, which the row does not divide
  Doubles want;
  for (int64_t i = 0; i < x.shape().count(); ++i) want.push_back(static_cast<double>(x.f32()[i]) + row.f32()[i % 129]);
  expect_near(ops_->add(up(x), up(row)), {200, 129}, want, 2e-7);
}

TEST_P(OpsSuite, Gelu) {
  expect_elementwise(&Ops::gelu, [](double x) { return x / 2 * std::erfc(-x / std::sqrt(2.0)); }, 1e-6);
}
TEST_P(OpsSuite, QuickGelu) {
  expect_elementwise(&Ops::quick_gelu, [](double x) { return x / (1 + std::exp(-1.702 * x)); }, 2e-6);
}
TEST_P(OpsSuite, Silu) {
  expect_elementwise(&Ops::silu, [](double x) { return x / (1 + std::exp(-x)); }, 1e-6);
}
TEST_P(OpsSuite, Tanh) {
  expect_elementwise(&Ops::tanh, [](double x) { return std::tanh(x); }, 5e-7);
}

// exp(x - max) / sum, also where exp alone would overflow
TEST_P(OpsSuite, SoftmaxOfLargeValues) {
  for (const int64_t d : {1, 2, 15, 16, 17, 100}) {
    Tensor x = random({3, d}, 2);
    for (float& value : x.values()) value += 200;
    Doubles want;
    for (int64_t r = 0; r < 3; ++r) {
      double sum = 0;
      for (int64_t i = 0; i < d; ++i) sum += std::exp(x.f32()[r * d + i] - 200.0);
      for (int64_t i = 0; i < d; ++i) want.push_back(std::exp(x.f32()[r * d + i] - 200.0) / sum);
    }
    expect_near(ops_->softmax(up(x)), {3, d}, want, 1e-6);
  }
}

// x / max(|x|, 1e-12); a row of zeros stays zero
TEST_P(OpsSuite, L2NormalizeKeepsZeroRows) {
  Tensor x = random({2, 37});
  for (int64_t i = 37; i < 74; ++i) x.f32()[i] = 0;
  double square = 0;
  for (int64_t i = 0; i < 37; ++i) square += std::pow(static_cast<double>(x.f32()[i]), 2);
  Doubles want(74, 0.0);
  for (size_t i = 0; i < 37; ++i) want[i] = x.f32()[i] / std::sqrt(square);
  expect_near(ops_->l2_normalize(up(x)), {2, 37}, want, 1e-6);
}

// y[b][i][j] = sum over k of a[b][i][k] b[b][j][k]
TEST_P(OpsSuite, MatmulOfTwoActivations) {
  for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {3, 17, 33}, {20, 40, 300}}) {
    const Tensor a = random({2, m, k}), b = random({2, n, k});
    Doubles want;
    for (int64_t s = 0; s < 2; ++s)
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (int64_t l = 0; l < k; ++l)
            sum += static_cast<double>(a.f32()[(s * m + i) * k + l]) * b.f32()[(s * n + j) * k + l];
          want.push_back(sum);
        }
    expect_near(ops_->matmul_nt(up(a), up(b)), {2, m, n}, want, 5e-5);
  }
}

// x[a][b][c] counted 0, 1, 2 ... so that each value says where it came from
TEST_P(OpsSuite, ReshapeConcatSliceTransposeMoveValues) {
  Tensor x = Tensor::host({2, 3, 4});
  for (int64_t i = 0; i < 24; ++i) x.f32()[i] = static_cast<float>(i);
  const Tensor t = up(x);
  expect_near(ops_->reshape(t, {6, 4}), {6, 4}, doubles(x), 0);
  expect_near(ops_->slice(t, 1, 1, 2), {2, 2, 4}, {4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23}, 0);
  expect_near(ops_->slice(t, -1, 3, 1), {2, 3, 1}, {3, 7, 11, 15, 19, 23}, 0);
  expect_near(ops_->slice(t, 0, 1, 1), {1, 3, 4}, {12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}, 0);
  const std::vector<Tensor> parts = {ops_->slice(t, 1, 2, 1), ops_->slice(t, 1, 0, 1)};
  expect_near(ops_->concat(parts, 1), {2, 2, 4}, {8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15}, 0);
  const std::vector<Tensor> columns = {ops_->slice(t, 2, 0, 1), ops_->slice(t, 2, 2, 2)};
  expect_near(
      ops_->concat(columns, -1), {2, 3, 3}, {0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15, 16, 18, 19, 20, 22, 23}, 0);
  for (const auto& [a, b] : std::vector<std::pair<int, int>>{{0, 1}, {1, 2}, {0, 2}, {-1, -2}, {1, 1}}) {
    const int first = (a + 3) % 3, second = (b + 3) % 3;
    std::vector<int64_t> dims = {2, 3, 4};
    std::swap(dims[static_cast<size_t>(first)], dims[static_cast<size_t>(second)]);
    Doubles want;
    for (int64_t i = 0; i < dims[0]; ++i)
      for (int64_t j = 0; j < dims[1]; ++j)
        for (int64_t k = 0; k < dims[2]; ++k) {
          int64_t at[3] = {i, j, k};
          std::swap(at[first], at[second]);
          want.push_back(static_cast<double>((at[0] * 3 + at[1]) * 4 + at[2]));
        }
    expect_near(ops_->transpose(t, a, b), Shape(dims), want, 0);
  }
}

TEST_P(OpsSuite, TransposesMatricesOfOddSizes) {
  for (const auto& [outer, a, b] :
      std::vector<std::array<int64_t, 3>>{{1, 16, 16}, {3, 17, 33}, {2, 1, 40}, {2, 50, 15}}) {
    const Tensor x = random({outer, a, b});
    Doubles want;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t j = 0; j < b; ++j)
        for (int64_t i = 0; i < a; ++i) want.push_back(x.f32()[(o * a + i) * b + j]);
    expect_near(ops_->transpose(up(x), 1, 2), {outer, b, a}, want, 0);
  }
}

TEST_P(OpsSuite, GatherAndScatterRowsLeaveTheInputAlone) {
  const Tensor x = up(Tensor::host({3, 2}, std::vector<float>{0, 1, 2, 3, 4, 5}));
  const std::vector<int32_t> twice = {2, 0, 2}, some = {2, 0};
  expect_near(ops_->gather_rows(x, twice), {3, 2}, {4, 5, 0, 1, 4, 5}, 0);
  expect_near(ops_->scatter_rows(x, some, up(Tensor::host({2, 2}, std::vector<float>{9, 8, 7, 6}))), {3, 2},
      {7, 6, 2, 3, 9, 8}, 0);
  expect_near(x, {3, 2}, {0, 1, 2, 3, 4, 5}, 0);
}

// Pairs (i, i + d/2) turned by position / factor · theta^(-2i/d). Angles up to 2000 held in F32 would cost 2000 · 6e-8.
TEST_P(OpsSuite, RopeTurnsPairsAtEachRowsPosition) {
  const RopeConfig config{.head_dim = 10, .theta = 500.0f, .linear_factor = 2.0f};
  RaggedBatch batch = lengths({3, 2});
  batch.position = {0, 1, 2, 700, 2001};
  const Tensor x = random({5, 20});
  Doubles want(100);
  for (int64_t r = 0; r < 5; ++r)
    for (int64_t h = 0; h < 2; ++h)
      for (int64_t i = 0; i < 5; ++i) {
        const double angle =
            batch.position[static_cast<size_t>(r)] / 2.0 * std::pow(500.0, -2.0 * static_cast<double>(i) / 10);
        const int64_t at = r * 20 + h * 10 + i;
        const double a = x.f32()[at], b = x.f32()[at + 5];
        want[static_cast<size_t>(at)] = a * std::cos(angle) - b * std::sin(angle);
        want[static_cast<size_t>(at + 5)] = b * std::cos(angle) + a * std::sin(angle);
      }
  expect_near(rope(up(x), batch, config), {5, 20}, want, 3e-4);
}

// The second sequence reaches past short_context, so all of it turns by the other factors.
TEST_P(OpsSuite, LongRopeTurnsLongSequencesByOtherFactors) {
  const RopeConfig config{.head_dim = 6,
      .theta = 100.0f,
      .short_factors = {1.0f, 1.5f, 2.0f},
      .long_factors = {2.0f, 5.0f, 9.0f},
      .short_context = 4,
      .magnitude = 1.25f};
  RaggedBatch batch = lengths({3, 2});
  batch.position = {0, 1, 3, 2, 4};
  const Tensor x = random({5, 12});
  Doubles want(60);
  for (int64_t r = 0; r < 5; ++r)
    for (int64_t h = 0; h < 2; ++h)
      for (int64_t i = 0; i < 3; ++i) {
        const auto& factors = r < 3 ? config.short_factors : config.long_factors;
        const double angle = batch.position[static_cast<size_t>(r)] *
                             std::pow(100.0, -2.0 * static_cast<double>(i) / 6) / factors[static_cast<size_t>(i)];
        const int64_t at = r * 12 + h * 6 + i;
        const double a = x.f32()[at], b = x.f32()[at + 3];
        want[static_cast<size_t>(at)] = 1.25 * (a * std::cos(angle) - b * std::sin(angle));
        want[static_cast<size_t>(at + 3)] = 1.25 * (b * std::cos(angle) + a * std::sin(angle));
      }
  expect_near(rope(up(x), batch, config), {5, 12}, want, 1e-5);
}

// A row sees itself and the positions before it that the window holds, whether they come in this call or lie in the
// cache.
TEST_P(OpsSuite, AWindowHidesWhatIsFarBack) {
  for (const int64_t window : {1, 3, 40, 383, 400, 5000})
    for (const std::vector<int>& counts : {std::vector<int>{50, 7}, {900}}) {
      const RaggedBatch batch = lengths(counts);
      const AttentionConfig config{.num_heads = 4, .num_kv_heads = 2, .causal = true, .window = window};
      const Tensor q = random({batch.rows(), 48}), k = random({batch.rows(), 24}), v = random({batch.rows(), 24});
      const Doubles want = attention_formula(q, k, v, batch, config);
      SCOPED_TRACE(testing::Message() << "window " << window << ", rows " << batch.rows());
      expect_near(attention(up(q), up(k), up(v), batch, config, nullptr), q.shape(), want, 1e-5);
      const auto cache = ops_->make_kv_cache(
          {.layers = 1, .kv_heads = 2, .head_dim = 12, .slots = static_cast<int64_t>(counts.size()), .capacity = 1000});
      for (int64_t first = 0, count; first < counts[0]; first += count) {  // pieces of the first sequence
        count = std::min<int64_t>(first == 0 ? counts[0] - 5 : 1, counts[0] - first);
        const Tensor got = attention(up(q.rows(first, count)), up(k.rows(first, count)), up(v.rows(first, count)),
            RaggedBatch::single(count, static_cast<int32_t>(first)), config, cache.get());
        expect_near(got, {count, 48}, Doubles(want.begin() + first * 48, want.begin() + (first + count) * 48), 1e-5);
      }
    }
}

// softmax(q · kᵀ · scale) · v over the row's own slot. Scores of a few units in F32: about d · 6e-8 each.
TEST_P(OpsSuite, AttentionOverRaggedBatches) {
  for (const bool causal : {false, true})
    for (const auto& [heads, kv_heads, d] :
        std::vector<std::array<int, 3>>{{1, 1, 8}, {2, 2, 16}, {4, 2, 20}, {6, 1, 33}, {2, 1, 64}, {2, 2, 130}})
      for (const std::vector<int>& counts : {std::vector<int>{1}, {5, 1, 17}, {40, 3}, {300}}) {
        const RaggedBatch batch = lengths(counts);
        const AttentionConfig config{.num_heads = heads, .num_kv_heads = kv_heads, .causal = causal};
        const Tensor q = random({batch.rows(), heads * d}), k = random({batch.rows(), kv_heads * d}),
                     v = random({batch.rows(), kv_heads * d});
        SCOPED_TRACE(testing::Message() << (causal ? "causal " : "") << heads << " heads, " << kv_heads << " kv, d "
                                        << d << ", rows " << batch.rows());
        expect_near(attention(up(q), up(k), up(v), batch, config, nullptr), q.shape(),
            attention_formula(q, k, v, batch, config), 1e-5);
      }
}

TEST_P(OpsSuite, AttentionKeepsItsDigitsWhereScoresAreLarge) {
  const RaggedBatch batch = lengths({530});
  const AttentionConfig config{.num_heads = 1, .num_kv_heads = 1, .causal = false, .scale = 1.0f};
  const Tensor q = random({530, 16}, 2), k = random({530, 16}, 2),
               v = random({530, 16});  // scores of ±30: the running maximum moves by many
  expect_near(attention(up(q), up(k), up(v), batch, config, nullptr), q.shape(),
      attention_formula(q, k, v, batch, config), 3e-5);
}

// Two layers, three slots: a prompt, then single steps and a longer piece, in one batch, against one pass over
// everything. Each step has one plan, which both layers use.
TEST_P(OpsSuite, CachedDecodingEqualsTheWholePass) {
  const AttentionConfig whole{.num_heads = 4, .num_kv_heads = 2, .causal = true};
  const int64_t d = 12, q_width = 48, kv_width = 24;
  const auto cache = ops_->make_kv_cache({.layers = 2, .kv_heads = 2, .head_dim = 12, .slots = 3, .capacity = 64});
  const std::vector<int> totals = {23, 5, 50}, start = {0, 23, 28};
  const RaggedBatch all = lengths(totals);
  struct Layer {
    Tensor q, k, v;
    Doubles want;
  };
  std::vector<Layer> layers;
  for (int layer = 0; layer < 2; ++layer) {
    const Tensor q = random({all.rows(), q_width}), k = random({all.rows(), kv_width}),
                 v = random({all.rows(), kv_width});
    layers.push_back({q, k, v, attention_formula(q, k, v, all, whole)});
  }
  // pieces[step][slot] = rows fed in that step
  const std::vector<std::vector<int>> pieces = {{20, 0, 33}, {1, 4, 1}, {1, 1, 15}, {1, 0, 1}};
  std::vector<int> done(3, 0);
  for (const std::vector<int>& step : pieces) {
    RaggedBatch batch;
    std::vector<int32_t> rows;
    const int64_t held = done[2];
    for (int slot = 0; slot < 3; ++slot)
      for (int i = 0; i < step[static_cast<size_t>(slot)]; ++i) {
        batch.slot.push_back(slot);
        batch.position.push_back(done[static_cast<size_t>(slot)]);
        rows.push_back(start[static_cast<size_t>(slot)] + done[static_cast<size_t>(slot)]++);
      }
    const auto plan = ops_->plan(batch, cache.get());
    for (int layer = 0; layer < 2; ++layer) {
      const Layer& of = layers[static_cast<size_t>(layer)];
      EXPECT_EQ(cache->length(2), held) << "not every layer has been fed";
      AttentionConfig config = whole;
      config.layer = layer;
      const Tensor got = ops_->attention(ops_->gather_rows(up(of.q), rows), ops_->gather_rows(up(of.k), rows),
          ops_->gather_rows(up(of.v), rows), *plan, config);
      Doubles expected;
      for (const int32_t row : rows)
        for (int64_t i = 0; i < q_width; ++i) expected.push_back(of.want[static_cast<size_t>(row * q_width + i)]);
      expect_near(got, {static_cast<int64_t>(rows.size()), q_width}, expected, 1e-5);
    }
  }
  EXPECT_EQ(d * 4, q_width);
  EXPECT_EQ(cache->length(0), 23);
  EXPECT_EQ(cache->length(1), 5);
  EXPECT_EQ(cache->length(2), 50);
  EXPECT_GE(cache->bytes(), size_t{2} * 3 * 64 * 2 * 12 * 2 * 2);  // at least 2 bytes a value
}

// One plan, calls of every kind: what one layer asks for does not show in the next.
TEST_P(OpsSuite, LayersOfDifferentKindsShareAPlan) {
  const RaggedBatch batch = lengths({17, 1, 30});
  const auto plan = ops_->plan(batch);
  const Tensor x = random({batch.rows(), 48}), k = random({batch.rows(), 24}), v = random({batch.rows(), 24});
  for (int round = 0; round < 2; ++round)
    for (const AttentionConfig& config : {AttentionConfig{.num_heads = 4, .num_kv_heads = 2, .causal = true},
             AttentionConfig{.num_heads = 4, .num_kv_heads = 2, .causal = true, .window = 5},
             AttentionConfig{.num_heads = 4, .num_kv_heads = 2, .causal = false},
             AttentionConfig{.num_heads = 2, .num_kv_heads = 1, .causal = true}}) {
      expect_near(ops_->attention(up(x), up(k), up(v), *plan, config), x.shape(),
          attention_formula(x, k, v, batch, config), 1e-5);
      for (const float theta : {100.0f, 10000.0f}) {
        const RopeConfig turn{.head_dim = 12, .theta = theta};
        expect_equal(down(ops_->rope(up(x), *plan, turn)), down(rope(up(x), batch, turn)), 0);
      }
    }
}

// A longer sequence's keys behind a shorter one's are another's: whatever stands there, it weighs nothing.
TEST_P(OpsSuite, WhatAnotherSequenceLeftInTheCacheIsNotSeen) {
  const AttentionConfig config{.num_heads = 1, .num_kv_heads = 1, .causal = true};
  const auto cache = ops_->make_kv_cache({.layers = 1, .kv_heads = 1, .head_dim = 8, .slots = 2, .capacity = 40});
  Tensor broken = Tensor::host({30, 8}, std::vector<float>(240, std::numeric_limits<float>::infinity()));
  attention(up(broken), up(broken), up(broken), RaggedBatch::single(30), config, cache.get());
  cache->truncate(0, 0);
  const RaggedBatch batch = lengths({3, 25});
  const Tensor q = random({28, 8}), k = random({28, 8}), v = random({28, 8});
  expect_near(attention(up(q), up(k), up(v), batch, config, cache.get()), q.shape(),
      attention_formula(q, k, v, batch, config), 1e-5);
}

TEST_P(OpsSuite, TruncatedPositionsAreForgotten) {
  const AttentionConfig config{.num_heads = 1, .num_kv_heads = 1, .causal = true};
  const auto cache = ops_->make_kv_cache({.layers = 1, .kv_heads = 1, .head_dim = 8, .slots = 1, .capacity = 40});
  const RaggedBatch all = lengths({30});
  const Tensor q = random({30, 8}), k = random({30, 8}), v = random({30, 8}), wrong = random({20, 8});
  const auto feed = [&](const Tensor& tq, const Tensor& tk, const Tensor& tv, int first) {
    return attention(up(tq), up(tk), up(tv), RaggedBatch::single(tq.dim(0), first), config, cache.get());
  };
  feed(q.rows(0, 18), k.rows(0, 18), v.rows(0, 18), 0);
  feed(wrong, wrong, wrong, 18);
  EXPECT_EQ(cache->length(0), 38);
  cache->truncate(0, 18);
  EXPECT_EQ(cache->length(0), 18);
  const Doubles want = attention_formula(q, k, v, all, config);
  expect_near(feed(q.rows(18, 12), k.rows(18, 12), v.rows(18, 12), 18), {12, 8},
      Doubles(want.begin() + 18 * 8, want.end()), 1e-5);
}

TEST_P(OpsSuite, AFullCacheIsAnErrorThatNamesWhatFits) {
  const AttentionConfig config{.num_heads = 1, .num_kv_heads = 1, .causal = true};
  const auto cache = ops_->make_kv_cache({.layers = 1, .kv_heads = 1, .head_dim = 8, .slots = 1, .capacity = 10});
  const Tensor x = up(random({8, 8}));
  attention(x, x, x, RaggedBatch::single(8), config, cache.get());
  const Error error = expect_error([&] { attention(x, x, x, RaggedBatch::single(8, 8), config, cache.get()); });
  EXPECT_NE(std::string(error.what()).find("10"), std::string::npos) << error.what();
  EXPECT_NE(std::string(error.what()).find("2 of these 8"), std::string::npos) << error.what();
  EXPECT_EQ(cache->length(0), 8);
}

// A small decoder step over three sequences at once and each alone. Where a backend sums in another order for another
// batch, results may differ by the rounding of 96 terms.
TEST_P(OpsSuite, ResultsDoNotDependOnWhatElseIsInTheBatch) {
  const int64_t width = 96;
  Param up_weight("u", {width, width}), norm("n", {width});
  set(up_weight, random({width, width}, 0.1), DType::kBF16);
  set(norm, random({width}));
  const std::vector<int> counts = {70, 1, 9};
  const RaggedBatch batch = lengths(counts);
  const Tensor x = random({80, width});
  const auto forward = [&](const Tensor& host, const RaggedBatch& b) {
    const Tensor t = ops_->linear(ops_->rms_norm(up(host), norm, 1e-5f), up_weight, nullptr);
    const Tensor r = rope(t, b, {.head_dim = 24});
    return down(ops_->gelu(attention(r, r, t, b, {.num_heads = 4, .num_kv_heads = 4, .causal = true}, nullptr)));
  };
  const std::vector<float> together = forward(x, batch);
  size_t at = 0;
  for (const int count : counts) {
    const std::vector<float> alone = forward(x.rows(static_cast<int64_t>(at / width), count), lengths({count}));
    expect_equal(std::vector<float>(together.begin() + static_cast<std::ptrdiff_t>(at),
                     together.begin() + static_cast<std::ptrdiff_t>(at + alone.size())),
        alone, 1e-5);
    at += alone.size();
  }
}

// silu(gate) · up, as the default in ops_default.cpp spells it; tag changes nothing here.
TEST_P(OpsSuite, FusedCallsEqualTheirDefaults) {
  const Tensor gate = random({3, 50}, 3), x = random({3, 50});
  Doubles want;
  for (int64_t i = 0; i < 150; ++i)
    want.push_back(gate.f32()[i] / (1 + std::exp(-static_cast<double>(gate.f32()[i]))) * x.f32()[i]);
  expect_near(ops_->gated_silu(up(gate), up(x)), {3, 50}, want, 1e-6);
  expect_near(ops_->mul(ops_->silu(up(gate)), up(x)), {3, 50}, want, 1e-6);
  expect_near(ops_->tag(up(x), "x", 1), {3, 50}, doubles(x), 0);
}

}  // namespace hilum
