// Calls that work row by row or move values, each against its formula (ops_suite.h).
#pragma once

#include <gtest/gtest.h>

#include "ops/ops_case_suite.h"

namespace hilum {

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
