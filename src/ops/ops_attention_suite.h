// Positions, attention and the cache: ragged batches against one sequence at a time, cached decoding against the whole
// pass (ops_suite.h).
#pragma once

#include <limits>

#include <gtest/gtest.h>

#include "base/expect_error_for_test.h"
#include "ops/ops_case_suite.h"

namespace hilum {

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

}  // namespace hilum
