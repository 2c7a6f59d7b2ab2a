// What each call of ops.h refuses, on every backend: one row a mistake. A backend's test includes this once and
// instantiates it, as ops_suite.h shows.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "ops/ops.h"

namespace hilum {

struct RefusalCase {
  std::string name;
  std::function<std::unique_ptr<Ops>()> make;
  static std::string label(const testing::TestParamInfo<RefusalCase>& info) { return info.param.name; }
};
inline void PrintTo(const RefusalCase& c, std::ostream* out) { *out << c.name; }

class RefusalSuite : public testing::TestWithParam<RefusalCase> {
 protected:
  struct Row {
    const char *call, *wrong;
    std::function<void()> ask;
  };

  Tensor t(const Shape& shape) {  // zeros
    return ops_->from_host(Tensor::host(shape, std::vector<float>(static_cast<size_t>(shape.count()), 0.0f)));
  }
  std::unique_ptr<KvCache> cache(int layers = 1, int kv_heads = 1, int head_dim = 4, int64_t capacity = 8) {
    return ops_->make_kv_cache(
        {.layers = layers, .kv_heads = kv_heads, .head_dim = head_dim, .slots = 2, .capacity = capacity});
  }
  void plan(std::vector<int32_t> slot, std::vector<int32_t> position, KvCache* held = nullptr) {
    ops_->plan({.slot = std::move(slot), .position = std::move(position)}, held);
  }
  // Three rows of one sequence, two query heads and one key head of width 4, but for what is wrong.
  void attend(const AttentionConfig& config, const Shape& q = {3, 8}, const Shape& k = {3, 4}, const Shape& v = {3, 4},
      RaggedBatch batch = RaggedBatch::single(3), KvCache* held = nullptr) {
    ops_->attention(t(q), t(k), t(v), *ops_->plan(batch, held), config);
  }
  void rope(const Shape& x, const RopeConfig& config) { ops_->rope(t(x), *ops_->plan(RaggedBatch::single(3)), config); }

  std::unique_ptr<Ops> ops_ = GetParam().make();
};

TEST_P(RefusalSuite, EachCallRefusesItsWrongArguments) {
  Ops& ops = *ops_;
  const Param undeclared, w57("w", {5, 7}), w7("w7", {7}), w5("w5", {5}), w4("w4", {4}), patch("p", {5, 3, 2, 2}),
      oblong("o", {5, 3, 2, 3}), taps("t", {7, 1, 3, 3}), flat_taps("f", {7, 3, 3});
  const std::vector<int32_t> low = {0, -1}, high = {0, 5}, twice = {1, 1}, apart = {2, 0, 2}, fine = {2, 0};
  const AttentionConfig two{.num_heads = 2, .num_kv_heads = 1};
  const auto with = [&](auto change) {
    AttentionConfig config = two;
    change(config);
    return config;
  };
  const std::vector<Row> rows = {
      {"from_host", "not F32", [&] { ops.from_host(Tensor::host({2}, DType::kBF16)); }},
      {"parameter", "undeclared", [&] { ops.parameter(undeclared); }},
      {"linear", "narrow input", [&] { ops.linear(t({2, 6}), w57, nullptr); }},
      {"linear", "a scalar", [&] { ops.linear(t({}), w57, nullptr); }},
      {"linear", "a weight of one dimension", [&] { ops.linear(t({2, 7}), w7, nullptr); }},
      {"linear", "an undeclared weight", [&] { ops.linear(t({2, 7}), undeclared, nullptr); }},
      {"linear", "a narrow bias", [&] { ops.linear(t({2, 7}), w57, &w4); }},
      {"linear", "a bias of two dimensions", [&] { ops.linear(t({2, 7}), w57, &w57); }},
      {"embedding", "a table of one dimension", [&] { ops.embedding(w7, fine); }},
      {"embedding", "an id past the table", [&] { ops.embedding(w57, high); }},
      {"embedding", "an id below 0", [&] { ops.embedding(w57, low); }},
      {"patch_embed", "other channels", [&] { ops.patch_embed(t({1, 1, 4, 4}), patch, nullptr, 2, 0); }},
      {"patch_embed", "an image of three dimensions", [&] { ops.patch_embed(t({3, 4, 4}), patch, nullptr, 2, 0); }},
      {"patch_embed", "a patch that is no square", [&] { ops.patch_embed(t({1, 3, 4, 4}), oblong, nullptr, 2, 0); }},
      {"patch_embed", "a weight of two dimensions", [&] { ops.patch_embed(t({1, 3, 4, 4}), w57, nullptr, 2, 0); }},
      {"patch_embed", "a narrow bias", [&] { ops.patch_embed(t({1, 3, 4, 4}), patch, &w4, 2, 0); }},
      {"patch_embed", "no stride", [&] { ops.patch_embed(t({1, 3, 4, 4}), patch, nullptr, 0, 0); }},
      {"patch_embed", "padding below 0", [&] { ops.patch_embed(t({1, 3, 4, 4}), patch, nullptr, 2, -1); }},
      {"patch_embed", "an image below one patch", [&] { ops.patch_embed(t({1, 3, 1, 4}), patch, nullptr, 2, 0); }},
      {"depthwise_conv3x3", "other channels", [&] { ops.depthwise_conv3x3(t({1, 2, 2, 5}), taps, w5); }},
      {"depthwise_conv3x3", "three dimensions", [&] { ops.depthwise_conv3x3(t({2, 2, 7}), taps, w7); }},
      {"depthwise_conv3x3", "flat taps", [&] { ops.depthwise_conv3x3(t({1, 2, 2, 7}), flat_taps, w7); }},
      {"depthwise_conv3x3", "a narrow bias", [&] { ops.depthwise_conv3x3(t({1, 2, 2, 7}), taps, w5); }},
      {"layer_norm", "a narrow weight", [&] { ops.layer_norm(t({2, 7}), w5, w7, 1e-5f); }},
      {"layer_norm", "a narrow bias", [&] { ops.layer_norm(t({2, 7}), w7, w5, 1e-5f); }},
      {"layer_norm", "a scalar", [&] { ops.layer_norm(t({}), w7, w7, 1e-5f); }},
      {"rms_norm", "a narrow weight", [&] { ops.rms_norm(t({2, 7}), w5, 1e-5f); }},
      {"rms_norm", "a weight of two dimensions", [&] { ops.rms_norm(t({5, 7}), w57, 1e-5f); }},
      {"channel_scale", "a narrow lambda", [&] { ops.channel_scale(t({2, 7}), w5); }},
      {"channel_scale", "a lambda of two dimensions", [&] { ops.channel_scale(t({5, 7}), w57); }},
      {"add", "other widths", [&] { ops.add(t({2, 7}), t({2, 6})); }},
      {"add", "more dimensions in b", [&] { ops.add(t({7}), t({2, 7})); }},
      {"add", "one where a has several", [&] { ops.add(t({2, 7}), t({2, 1})); }},
      {"mul", "other widths", [&] { ops.mul(t({2, 7}), t({6})); }},
      {"mul", "more dimensions in b", [&] { ops.mul(t({7}), t({1, 7})); }},
      {"softmax", "a scalar", [&] { ops.softmax(t({})); }},
      {"l2_normalize", "a scalar", [&] { ops.l2_normalize(t({})); }},
      {"matmul_nt", "other depths", [&] { ops.matmul_nt(t({2, 3}), t({2, 4})); }},
      {"matmul_nt", "other ranks", [&] { ops.matmul_nt(t({1, 2, 3}), t({2, 3})); }},
      {"matmul_nt", "vectors", [&] { ops.matmul_nt(t({3}), t({3})); }},
      {"matmul_nt", "other outer dimensions", [&] { ops.matmul_nt(t({2, 2, 3}), t({1, 2, 3})); }},
      {"reshape", "fewer elements", [&] { ops.reshape(t({2, 7}), {3, 4}); }},
      {"reshape", "dimensions below 0", [&] { ops.reshape(t({2, 7}), {-2, -7}); }},
      {"concat", "no parts", [&] { ops.concat({}, 0); }},
      {"concat", "a dimension there is not",
          [&] {
            const Tensor parts[] = {t({2, 7})};
            ops.concat(parts, 2);
          }},
      {"concat", "other ranks",
          [&] {
            const Tensor parts[] = {t({2, 7}), t({7})};
            ops.concat(parts, 0);
          }},
      {"concat", "other widths",
          [&] {
            const Tensor parts[] = {t({2, 7}), t({2, 6})};
            ops.concat(parts, 0);
          }},
      {"slice", "past the end", [&] { ops.slice(t({2, 7}), 1, 5, 3); }},
      {"slice", "before the beginning", [&] { ops.slice(t({2, 7}), 1, -1, 3); }},
      {"slice", "less than nothing", [&] { ops.slice(t({2, 7}), 1, 3, -1); }},
      {"slice", "a dimension there is not", [&] { ops.slice(t({2, 7}), -3, 0, 1); }},
      {"transpose", "a dimension there is not", [&] { ops.transpose(t({2, 7}), 0, 2); }},
      {"transpose", "a dimension below the first", [&] { ops.transpose(t({2, 7}), -3, 0); }},
      {"gather_rows", "three dimensions", [&] { ops.gather_rows(t({1, 3, 2}), fine); }},
      {"gather_rows", "a row past the end", [&] { ops.gather_rows(t({5, 2}), high); }},
      {"gather_rows", "a row below 0", [&] { ops.gather_rows(t({5, 2}), low); }},
      {"scatter_rows", "three dimensions", [&] { ops.scatter_rows(t({1, 3, 2}), fine, t({2, 2})); }},
      {"scatter_rows", "a value too few", [&] { ops.scatter_rows(t({5, 2}), fine, t({1, 2})); }},
      {"scatter_rows", "wide values", [&] { ops.scatter_rows(t({5, 2}), fine, t({2, 3})); }},
      {"scatter_rows", "a row past the end", [&] { ops.scatter_rows(t({5, 2}), high, t({2, 2})); }},
      {"scatter_rows", "a row below 0", [&] { ops.scatter_rows(t({5, 2}), low, t({2, 2})); }},
      {"scatter_rows", "a row twice", [&] { ops.scatter_rows(t({5, 2}), twice, t({2, 2})); }},
      {"scatter_rows", "a row twice, apart", [&] { ops.scatter_rows(t({5, 2}), apart, t({3, 2})); }},
      {"plan", "a position too few", [&] { plan({0, 0}, {0}); }},
      {"plan", "a slot below 0", [&] { plan({-1}, {0}); }},
      {"plan", "a position below 0", [&] { plan({0, 0}, {-1, 0}); }},
      {"plan", "positions that do not rise", [&] { plan({0, 0}, {1, 1}); }},
      {"plan", "a slot in two places", [&] { plan({0, 1, 0}, {0, 0, 1}); }},
      {"plan", "a slot the cache does not have", [&] { plan({2}, {0}, cache().get()); }},
      {"plan", "a hole behind what the cache holds", [&] { plan({0}, {1}, cache().get()); }},
      {"plan", "rows the cache holds already",
          [&] {
            const auto held = cache();
            attend(two, {3, 8}, {3, 4}, {3, 4}, RaggedBatch::single(3), held.get());
            plan({0}, {2}, held.get());
          }},
      {"plan", "a hole among cached rows", [&] { plan({0, 0}, {0, 2}, cache().get()); }},
      {"rope", "an odd head width", [&] { rope({3, 6}, {.head_dim = 3}); }},
      {"rope", "no head width", [&] { rope({3, 6}, {.head_dim = 0}); }},
      {"rope", "part of a head", [&] { rope({3, 6}, {.head_dim = 4}); }},
      {"rope", "a row too few", [&] { rope({2, 8}, {.head_dim = 4}); }},
      {"rope", "three dimensions", [&] { rope({3, 1, 8}, {.head_dim = 4}); }},
      {"rope", "a factor too few", [&] { rope({3, 8}, {.head_dim = 4, .short_factors = {1.0f}}); }},
      {"rope", "a long factor too many",
          [&] { rope({3, 8}, {.head_dim = 4, .short_factors = {1, 1}, .long_factors = {1, 1, 1}}); }},
      {"attention", "key heads that do not divide",
          [&] {
            attend(with([](auto& c) {
              c.num_heads = 3;
              c.num_kv_heads = 2;
            }),
                {3, 12}, {3, 8}, {3, 8});
          }},
      {"attention", "no heads", [&] { attend(with([](auto& c) { c.num_heads = 0; })); }},
      {"attention", "no key heads", [&] { attend(with([](auto& c) { c.num_kv_heads = 0; })); }},
      {"attention", "part of a head", [&] { attend(two, {3, 9}); }},
      {"attention", "a query too few", [&] { attend(two, {2, 8}); }},
      {"attention", "a key too few", [&] { attend(two, {3, 8}, {2, 4}, {2, 4}); }},
      {"attention", "wide keys", [&] { attend(two, {3, 8}, {3, 8}, {3, 8}); }},
      {"attention", "values unlike keys", [&] { attend(two, {3, 8}, {3, 4}, {3, 8}); }},
      {"attention", "three dimensions", [&] { attend(two, {3, 1, 8}); }},
      {"attention", "a head past the widest", [&] { attend(two, {3, 1024}, {3, 512}, {3, 512}); }},
      {"attention", "a window where all is seen",
          [&] {
            attend(with([](auto& c) {
              c.causal = false;
              c.window = 2;
            }));
          }},
      {"attention", "a window below 0", [&] { attend(with([](auto& c) { c.window = -1; })); }},
      {"attention", "a scale below 0", [&] { attend(with([](auto& c) { c.scale = -1; })); }},
      {"attention", "positions with a hole",
          [&] { attend(two, {3, 8}, {3, 4}, {3, 4}, {.slot = {0, 0, 0}, .position = {0, 1, 3}}); }},
      {"attention", "a layer the cache does not have",
          [&] {
            const auto held = cache();
            attend(with([](auto& c) { c.layer = 1; }), {3, 8}, {3, 4}, {3, 4}, RaggedBatch::single(3), held.get());
          }},
      {"attention", "a cache of other heads",
          [&] {
            const auto held = cache(1, 2);
            attend(two, {3, 8}, {3, 4}, {3, 4}, RaggedBatch::single(3), held.get());
          }},
      {"attention", "a cache of other head widths",
          [&] {
            const auto held = cache(1, 1, 8);
            attend(two, {3, 8}, {3, 4}, {3, 4}, RaggedBatch::single(3), held.get());
          }},
      {"attention", "positions forgotten since the plan",
          [&] {
            const auto held = cache();
            attend(two, {3, 8}, {3, 4}, {3, 4}, RaggedBatch::single(3), held.get());
            const auto later = ops.plan(RaggedBatch::single(3, 3), held.get());
            held->truncate(0, 1);
            ops.attention(t({3, 8}), t({3, 4}), t({3, 4}), *later, two);
          }},
      {"make_kv_cache", "no layers", [&] { cache(0); }},
      {"make_kv_cache", "no heads", [&] { cache(1, 0); }},
      {"make_kv_cache", "no head width", [&] { cache(1, 1, 0); }},
      {"make_kv_cache", "a head past the widest", [&] { cache(1, 1, 257); }},
      {"make_kv_cache", "no room", [&] { cache(1, 1, 4, 0); }},
      {"gated_silu", "other shapes", [&] { ops.gated_silu(t({2, 7}), t({7})); }},
  };
  std::set<std::string> refusing;
  for (const Row& row : rows) {
    EXPECT_THROW(row.ask(), std::logic_error) << row.call << ": " << row.wrong;
    refusing.insert(row.call);
  }
  EXPECT_EQ(refusing.size(), 25u);  // of 33: all calls but name, to_host, tag, scale and four activations
}

TEST_P(RefusalSuite, ACacheRefusesSlotsAndLengthsThatAreNotItsOwn) {
  const auto held = cache();
  attend({.num_heads = 2, .num_kv_heads = 1}, {3, 8}, {3, 4}, {3, 4}, RaggedBatch::single(3), held.get());
  EXPECT_THROW(held->length(2), std::logic_error);
  EXPECT_THROW(held->length(-1), std::logic_error);
  EXPECT_THROW(held->truncate(2, 0), std::logic_error);
  EXPECT_THROW(held->truncate(0, -1), std::logic_error);
  EXPECT_THROW(held->copy(0, 0, 1), std::logic_error);
  EXPECT_THROW(held->copy(0, 2, 1), std::logic_error);
  EXPECT_THROW(held->copy(0, 1, 4), std::logic_error);
  held->copy(0, 1, 3);
  EXPECT_EQ(held->length(1), 3);
}

// A prompt that is too long is the user's, not our bug; nothing has changed when it is found.
TEST_P(RefusalSuite, AFullCacheIsAnErrorBeforeAnythingChanges) {
  const auto held = cache();
  const RaggedBatch batch{.slot = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, .position = {0, 0, 1, 2, 3, 4, 5, 6, 7, 8}};
  EXPECT_THROW(ops_->plan(batch, held.get()), Error);
  EXPECT_EQ(held->length(0), 0);
  EXPECT_EQ(held->length(1), 0);
}

}  // namespace hilum
