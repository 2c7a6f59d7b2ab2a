// A backend as the suites see it, and what their tests share: values, formulas in double precision, comparisons.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
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

}  // namespace hilum
