#include "ops/torch/torch_ops.h"

#include <cmath>
#include <cstring>

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
    testing::Values(RefusalCase{"f32", [] { return std::make_unique<TorchOps>(TorchOptions{.threads = 1}); }},
        RefusalCase{
            "bf16", [] { return std::make_unique<TorchOps>(TorchOptions{.threads = 1, .compute = DType::kBF16}); }}),
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

class Bf16 : public testing::Test {
 protected:
  TorchOps half_{{.threads = 1, .compute = DType::kBF16}}, full_{{.threads = 1}};
  Rng rng_{5};

  Tensor random(const Shape& shape) {
    Tensor t = Tensor::host(shape);
    for (float& value : t.values()) value = static_cast<float>(rng_.normal());
    return t;
  }
  void fill(Param& p) { p.set_data(to_dtype(random(p.shape()), DType::kBF16)); }
  // The calls of f in BF16 and in F32: BF16 has 8 bits, so each rounding costs up to 2^-9 = 0.2 %, and some calls round
  // a few times. 2 % of the whole is room for them; a wrong value shows as 100 %.
  void expect_near(const std::function<Tensor(TorchOps&)>& f) {
    const Tensor got = f(half_);
    EXPECT_EQ(got.dtype(), DType::kBF16);
    const Tensor a = half_.to_host(got), b = full_.to_host(f(full_));
    ASSERT_EQ(a.dtype(), DType::kF32);
    ASSERT_EQ(a.shape(), b.shape());
    double difference = 0, whole = 0;
    for (int64_t i = 0; i < a.shape().count(); ++i) {
      difference += std::pow(double{a.f32()[i]} - b.f32()[i], 2);
      whole += std::pow(double{b.f32()[i]}, 2);
    }
    EXPECT_LE(std::sqrt(difference), 0.02 * std::sqrt(whole));
  }
};

TEST_F(Bf16, TensorsSayWhatTheyAreComputedIn) {
  const Tensor x = Tensor::host({2}, std::vector<float>{1, 2});
  EXPECT_EQ(half_.from_host(x).dtype(), DType::kBF16);
  EXPECT_EQ(full_.from_host(x).dtype(), DType::kF32);
  EXPECT_EQ(from_at(at_tensor(full_.from_host(x)).to(at::kHalf)).dtype(), DType::kF16);
  EXPECT_EQ(half_.to_host(half_.from_host(x)).dtype(), DType::kF32);
  EXPECT_THROW(TorchOps({.compute = DType::kBF16, .gradients = true}), std::logic_error);
  EXPECT_THROW(TorchOps({.compute = DType::kF16}), std::logic_error);
}

TEST_F(Bf16, WeightsStayAsTheyAreStored) {
  Param weight("weight", {3, 5}), norm("norm", {5}), wide("wide", {3, 5});
  fill(weight);
  fill(norm);
  wide.set_data(random({3, 5}));
  const at::Tensor leaf = half_.leaf(weight);
  EXPECT_EQ(leaf.scalar_type(), at::kBFloat16);
  EXPECT_EQ(std::memcmp(leaf.data_ptr(), weight.data().bytes(), 30), 0);
  EXPECT_EQ(half_.leaf(norm).scalar_type(), at::kFloat);
  EXPECT_EQ(half_.leaf(wide).scalar_type(), at::kBFloat16);
  EXPECT_EQ(full_.leaf(weight).scalar_type(), at::kFloat);
}

TEST_F(Bf16, EachCallLiesNearItsF32) {
  Param weight("weight", {24, 16}), bias("bias", {24}), norm("norm", {16}), shift("shift", {16}),
      table("table", {9, 16}), patch("patch", {6, 3, 2, 2}), patch_bias("patch_bias", {6}), taps("taps", {16, 1, 3, 3});
  for (Param* p : {&weight, &bias, &norm, &shift, &table, &patch, &patch_bias, &taps}) fill(*p);
  const Tensor x = random({7, 16}), y = random({7, 16}), image = random({2, 3, 4, 6}), map = random({1, 3, 4, 16});
  const std::vector<int32_t> rows = {6, 0, 3};
  expect_near([&](TorchOps& ops) { return ops.linear(ops.from_host(x), weight, &bias); });
  expect_near([&](TorchOps& ops) { return ops.linear(ops.from_host(x), weight, nullptr); });
  expect_near([&](TorchOps& ops) { return ops.embedding(table, rows); });
  expect_near([&](TorchOps& ops) { return ops.parameter(norm); });
  expect_near([&](TorchOps& ops) { return ops.patch_embed(ops.from_host(image), patch, &patch_bias, 2, 0); });
  expect_near([&](TorchOps& ops) { return ops.patch_embed(ops.from_host(image), patch, &patch_bias, 1, 1); });
  expect_near([&](TorchOps& ops) { return ops.depthwise_conv3x3(ops.from_host(map), taps, shift); });
  expect_near([&](TorchOps& ops) { return ops.layer_norm(ops.from_host(x), norm, shift, 1e-5f); });
  expect_near([&](TorchOps& ops) { return ops.rms_norm(ops.from_host(x), norm, 1e-5f); });
  expect_near([&](TorchOps& ops) { return ops.channel_scale(ops.from_host(x), norm); });
  expect_near(
      [&](TorchOps& ops) { return ops.mul(ops.from_host(x), ops.add(ops.from_host(y), ops.parameter(shift))); });
  for (Tensor (Ops::*call)(const Tensor&) :
      {&Ops::gelu, &Ops::quick_gelu, &Ops::silu, &Ops::tanh, &Ops::softmax, &Ops::l2_normalize})
    expect_near([&](TorchOps& ops) { return (ops.*call)(ops.from_host(x)); });
  expect_near([&](TorchOps& ops) { return ops.gated_silu(ops.from_host(x), ops.from_host(y)); });
  expect_near([&](TorchOps& ops) { return ops.matmul_nt(ops.from_host(x), ops.from_host(y)); });
  expect_near([&](TorchOps& ops) { return ops.scatter_rows(ops.from_host(x), rows, ops.embedding(table, rows)); });
}

TEST_F(Bf16, CachedAttentionLiesNearItsF32) {
  const AttentionConfig config{.num_heads = 4, .num_kv_heads = 2, .causal = true, .window = 6};
  const RopeConfig turn{.head_dim = 8};
  const Tensor q = random({9, 32}), k = random({9, 16}), v = random({9, 16});
  expect_near([&](TorchOps& ops) {
    const auto cache = ops.make_kv_cache({.layers = 1, .kv_heads = 2, .head_dim = 8, .slots = 2, .capacity = 16});
    Tensor last;
    for (const RaggedBatch& batch : {RaggedBatch{{0, 0, 0, 0, 0, 1, 1, 1, 1}, {0, 1, 2, 3, 4, 0, 1, 2, 3}},
             RaggedBatch{{1, 1, 0, 0, 0, 0, 0, 0, 0}, {4, 5, 5, 6, 7, 8, 9, 10, 11}}}) {
      const auto plan = ops.plan(batch, cache.get());
      last = ops.attention(ops.rope(ops.from_host(q), *plan, turn), ops.rope(ops.from_host(k), *plan, turn),
          ops.from_host(v), *plan, config);
    }
    return last;
  });
}

TEST(TorchOps, UnknownDeviceIsAnError) { EXPECT_THROW(TorchOps({.device = "tpu"}), Error); }

}  // namespace
}  // namespace hilum
