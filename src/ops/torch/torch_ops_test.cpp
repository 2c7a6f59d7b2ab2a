#include "ops/torch/torch_ops.h"

#include <cmath>

#include <ATen/TensorOperators.h>

#include "ops/ops_suite.h"
#include "ops/refusal_suite.h"

namespace hilum {
namespace {

INSTANTIATE_TEST_SUITE_P(Torch, OpsSuite,
    testing::Values(OpsCase{"cpu", [] { return std::make_unique<TorchOps>(TorchOptions{.threads = 2}); }},
        OpsCase{"recording", [] { return std::make_unique<TorchOps>(TorchOptions{.threads = 1, .gradients = true}); }}),
    OpsCase::label);
INSTANTIATE_TEST_SUITE_P(Torch, RefusalSuite,
    testing::Values(RefusalCase{"torch", [] { return std::make_unique<TorchOps>(TorchOptions{.threads = 1}); }}),
    RefusalCase::label);

// d/dp of sum(weights · f(params)) by central differences against backward(). Step 1e-2 and F32 sums of a few dozen
// terms: an error of about step² · f''' / 6 + 1e-7 / step, so 5e-3 relative to the largest gradient holds with room to
// spare.
class Gradients : public testing::Test {
 protected:
  TorchOps ops_{{.threads = 1, .gradients = true}};
  Rng rng_{11};

  void fill(Param& p, double spread = 0.7) {
    Tensor t = Tensor::host(p.shape());
    for (float& value : t.values()) value = static_cast<float>(spread * rng_.normal());
    p.set_data(std::move(t));
  }
  void check(const std::vector<Param*>& params, const std::function<Tensor()>& f) {
    const at::Tensor first = at_tensor(f());
    std::vector<float> weights(static_cast<size_t>(first.numel()));
    for (float& w : weights) w = static_cast<float>(rng_.normal());
    const at::Tensor weight = at_tensor(ops_.from_host(Tensor::host(Shape(first.sizes().vec()), weights)));
    (first * weight).sum().backward();
    const auto value = [&] { return (at_tensor(f()).detach() * weight).to(at::kDouble).sum().item<double>(); };
    for (Param* p : params) {
      const at::Tensor leaf = ops_.leaf(*p), gradient = leaf.grad();
      ASSERT_TRUE(gradient.defined()) << p->name();
      const double largest = gradient.abs().max().item<float>();
      float* at = leaf.data_ptr<float>();
      for (int64_t i = 0; i < leaf.numel(); i += 1 + leaf.numel() / 40) {
        const float was = at[i];
        at[i] = was + 1e-2f;
        const double up = value();
        at[i] = was - 1e-2f;
        const double down = value();
        at[i] = was;
        EXPECT_NEAR((up - down) / 2e-2, gradient.contiguous().data_ptr<float>()[i], 5e-3 * std::max(1.0, largest))
            << p->name() << " at " << i;
      }
    }
  }
};

TEST_F(Gradients, CallsThatBearWeights) {
  Param x("x", {5, 6}), weight("weight", {4, 6}), bias("bias", {4}), norm("norm", {6}), shift("shift", {6});
  for (Param* p : {&x, &weight, &bias, &norm, &shift}) fill(*p);
  check({&x, &weight, &bias}, [&] { return ops_.linear(ops_.parameter(x), weight, &bias); });
  ops_.forget(x);
  check({&x, &norm, &shift}, [&] { return ops_.layer_norm(ops_.parameter(x), norm, shift, 1e-5f); });
  ops_.forget(x);
  ops_.forget(norm);
  check({&x, &norm}, [&] { return ops_.rms_norm(ops_.parameter(x), norm, 1e-5f); });
  ops_.forget(x);
  ops_.forget(norm);
  check({&x, &norm}, [&] { return ops_.channel_scale(ops_.parameter(x), norm); });
  Param table("table", {7, 6});
  fill(table);
  const std::vector<int32_t> ids = {3, 0, 3, 6};
  check({&table}, [&] { return ops_.embedding(table, ids); });
  Param image("image", {2, 3, 4, 6}), patch("patch", {5, 3, 2, 2}), patch_bias("patch_bias", {5});
  for (Param* p : {&image, &patch, &patch_bias}) fill(*p);
  check(
      {&image, &patch, &patch_bias}, [&] { return ops_.patch_embed(ops_.parameter(image), patch, &patch_bias, 2, 0); });
  for (Param* p : {&image, &patch, &patch_bias}) ops_.forget(*p);
  check(
      {&image, &patch, &patch_bias}, [&] { return ops_.patch_embed(ops_.parameter(image), patch, &patch_bias, 1, 1); });
  Param grid("grid", {2, 3, 4, 5}), taps("taps", {5, 1, 3, 3}), taps_bias("taps_bias", {5});
  for (Param* p : {&grid, &taps, &taps_bias}) fill(*p);
  check({&grid, &taps, &taps_bias}, [&] { return ops_.depthwise_conv3x3(ops_.parameter(grid), taps, taps_bias); });
}

TEST_F(Gradients, Elementwise) {
  for (Tensor (Ops::*call)(const Tensor&) :
      {&Ops::gelu, &Ops::quick_gelu, &Ops::silu, &Ops::tanh, &Ops::softmax, &Ops::l2_normalize}) {
    Param x("x", {3, 5});
    fill(x);
    check({&x}, [&] { return (ops_.*call)(ops_.parameter(x)); });
    ops_.forget(x);
  }
  Param a("a", {3, 5}), b("b", {5});
  fill(a);
  fill(b);
  check({&a, &b},
      [&] { return ops_.mul(ops_.parameter(a), ops_.add(ops_.scale(ops_.parameter(a), 0.5f), ops_.parameter(b))); });
  Param gate("gate", {3, 5}), up("up", {3, 5});
  fill(gate);
  fill(up);
  check({&gate, &up}, [&] { return ops_.gated_silu(ops_.parameter(gate), ops_.parameter(up)); });
}

TEST_F(Gradients, MovingRowsAndProducts) {
  Param x("x", {6, 4}), y("y", {2, 4});
  fill(x);
  fill(y);
  const std::vector<int32_t> rows = {4, 1, 4}, places = {5, 2};
  check({&x, &y}, [&] {
    const Tensor scattered = ops_.scatter_rows(ops_.parameter(x), places, ops_.parameter(y));  // [6, 4]
    const Tensor parts[] = {ops_.gather_rows(scattered, rows), ops_.slice(scattered, 0, 1, 3)};
    const Tensor joined = ops_.concat(parts, 0);  // [6, 4]
    return ops_.matmul_nt(ops_.transpose(joined, 0, 1), ops_.reshape(ops_.parameter(x), {4, 6}));
  });
}

TEST_F(Gradients, AttentionUniformAndRagged) {
  for (const bool ragged : {false, true})
    for (const bool causal : {false, true}) {
      RaggedBatch batch = RaggedBatch::uniform(2, 4);
      if (ragged) {
        batch.slot = {0, 0, 1, 1, 1, 1, 1, 2};
        batch.position = {0, 1, 0, 1, 2, 3, 4, 0};
      }
      Param q("q", {8, 8}), k("k", {8, 4}), v("v", {8, 4});
      for (Param* p : {&q, &k, &v}) fill(*p);
      check({&q, &k, &v}, [&] {
        const RopeConfig rope{.head_dim = 4};
        const auto plan = ops_.plan(batch);
        return ops_.attention(ops_.rope(ops_.parameter(q), *plan, rope), ops_.rope(ops_.parameter(k), *plan, rope),
            ops_.parameter(v), *plan, {.num_heads = 2, .num_kv_heads = 1, .causal = causal});
      });
      for (Param* p : {&q, &k, &v}) ops_.forget(*p);
    }
}

TEST(TorchOps, FrozenParamsTakeNoGradient) {
  TorchOps ops({.threads = 1, .gradients = true});
  Param p("p", {2}), frozen("frozen", {2});
  frozen.frozen = true;
  for (Param* one : {&p, &frozen}) one->set_data(Tensor::host({2}, std::vector<float>{1, 2}));
  at_tensor(ops.mul(ops.parameter(p), ops.parameter(frozen))).sum().backward();
  EXPECT_TRUE(ops.leaf(p).grad().defined());
  EXPECT_FALSE(ops.leaf(frozen).grad().defined());
}

TEST(TorchOps, UnknownDeviceIsAnError) { EXPECT_THROW(TorchOps({.device = "tpu"}), Error); }

}  // namespace
}  // namespace hilum
