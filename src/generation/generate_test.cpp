#include "generation/generate.h"

#include <gmock/gmock.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "models/golden_test.h"

namespace hilum {
namespace {

class Generate : public testing::Test {
 protected:
  Generate() : loaded_(load_vlm(fixture("maira2"))), file_(fixture("maira2") / "generation.safetensors") {
    request_.prompt = ids_of(file_.tensor("prompt"));
    request_.pixel_values = SafetensorsFile(fixture("maira2") / "reference.safetensors").tensor("pixel_values");
    request_.max_new_tokens = 16;
    wanted_ = ids_of(file_.tensor("ids"));
    wanted_.resize(16);  // all 64: continuation_test.cpp
  }
  Generation run(const GenerateRequest& request) { return generate(any_cpu(), *loaded_.model, {request})[0]; }
  std::string problem(const GenerateRequest& request) {
    return error_of([&] { run(request); });
  }
  GenerateRequest text_only(std::vector<int32_t> prompt, int max_new_tokens) const {
    return {.prompt = std::move(prompt), .max_new_tokens = max_new_tokens};
  }

  LoadedVlm loaded_;
  SafetensorsFile file_;
  GenerateRequest request_;
  std::vector<int32_t> wanted_;
};

TEST_F(Generate, GreedyTokensAndLogProbabilitiesAreTheReferences) {
  for (const Backend& backend : cpu_backends()) {
    const Generation got = generate(*backend.ops, *loaded_.model, {request_})[0];
    EXPECT_EQ(got.ids, wanted_) << backend.name;
    EXPECT_EQ(got.finish, Finish::kLength);
    EXPECT_EQ(got.prompt_tokens, 45);
    EXPECT_EQ(got.image_tokens, 32);
    for (size_t i = 0; i < wanted_.size(); ++i)
      EXPECT_NEAR(got.log_probs[i], file_.tensor("log_probs").f32()[i], 1e-4) << backend.name << i;
  }
}

TEST_F(Generate, WhatElseRunsDoesNotMatter) {
  // the same request beside others, and joining while another is already under way in a slot used before
  const GenerateRequest other = text_only({1, 50, 60, 70}, 30), sampled = [&] {
    GenerateRequest r = text_only({1, 9, 8, 7, 6}, 12);
    r.sampling = {.temperature = 1.3f, .top_p = 0.9f, .seed = 11};
    return r;
  }();
  const Generation alone_other = run(other), alone_sampled = run(sampled);
  const auto together = generate(any_cpu(), *loaded_.model, {other, request_, sampled});
  EXPECT_EQ(together[0].ids, alone_other.ids);
  EXPECT_EQ(together[1].ids, wanted_);
  EXPECT_EQ(together[2].ids, alone_sampled.ids);

  Generator generator(any_cpu(), *loaded_.model, 2, 64);
  const int64_t first = generator.add(sampled), second = generator.add(other);
  EXPECT_FALSE(generator.has_free_slot());
  while (generator.step().empty()) {
  }
  EXPECT_EQ(generator.take(first).ids, alone_sampled.ids);
  const int64_t third = generator.add(request_);
  while (generator.num_running() > 0) generator.step();
  EXPECT_EQ(generator.take(third).ids, wanted_);
  EXPECT_EQ(generator.take(second).ids, alone_other.ids);
}

TEST_F(Generate, PromptsInPiecesBesideOthersGiveTheSame) {
  const GenerateRequest other = text_only({1, 50, 60, 70}, 30);
  const Generation alone_other = run(other), alone = run(request_);
  for (const int64_t rows : {1, 3, 20}) {
    Generator generator(any_cpu(), *loaded_.model, 2, 64);
    const int64_t first = generator.add(other), second = generator.begin(request_);
    int pieces = 1;
    for (; !generator.prefill_some(second, rows); ++pieces)
      generator.step();  // pictures stay whole, so there are fewer pieces than rows
    EXPECT_GT(pieces, rows == 20 ? 1 : 3);
    while (generator.num_running() > 0) generator.step();
    const Generation got = generator.take(second);
    EXPECT_EQ(got.ids, wanted_) << rows;
    EXPECT_EQ(got.log_probs, alone.log_probs) << rows;
    EXPECT_EQ(generator.take(first).ids, alone_other.ids) << rows;
  }
}

TEST_F(Generate, ABeginningIsTakenOverFromARunningSequence) {
  request_.image_key = 5;
  Generator generator(any_cpu(), *loaded_.model, 3, 64);
  const int64_t first = generator.add(request_);
  generator.step();
  const int64_t second = generator.add(request_);  // all but the last row is copied
  request_.image_key = 6;                          // other pictures: what stands before the first one only
  const int64_t third = generator.add(request_);
  while (generator.num_running() > 0) generator.step();
  const Generation a = generator.take(first), b = generator.take(second), c = generator.take(third);
  EXPECT_EQ(a.reused_tokens, 0);
  EXPECT_EQ(b.reused_tokens, static_cast<int64_t>(request_.prompt.size()) - 1);
  EXPECT_LT(c.reused_tokens, 14);
  EXPECT_EQ(a.ids, wanted_);
  EXPECT_EQ(b.ids, wanted_);
  EXPECT_EQ(c.ids, wanted_);
}

TEST_F(Generate, WhatAFreeSlotHoldsIsNotLostToAStranger) {
  const GenerateRequest one = text_only({1, 50, 60, 70, 80, 90}, 4), other = text_only({1, 9, 8, 7}, 4);
  Generator generator(any_cpu(), *loaded_.model, 2, 64);
  const auto reused = [&](const GenerateRequest& request) {
    const int64_t handle = generator.add(request);
    while (generator.num_running() > 0) generator.step();
    return generator.take(handle).reused_tokens;
  };
  EXPECT_EQ(reused(one), 0);
  EXPECT_EQ(reused(other), 1);  // copied to the slot that was never used
  EXPECT_EQ(reused(one), 5);
}

TEST_F(Generate, WhatIsBegunAndNotYetRunLendsNothing) {
  request_.image_key = 5;
  Generator generator(any_cpu(), *loaded_.model, 2, 64);
  generator.take(generator.add(text_only({1, 50, 60, 70, 80, 90}, 4)));  // leaves its rows in the slot
  const int64_t first = generator.begin(request_), second = generator.begin(request_);
  for (const int64_t handle : {second, first})
    while (!generator.prefill_some(handle, 64)) {
    }
  while (generator.num_running() > 0) generator.step();
  EXPECT_EQ(generator.take(first).ids, wanted_);
  EXPECT_EQ(generator.take(second).ids, wanted_);
}

TEST_F(Generate, TheLikeliestTokensStandBesideTheChosen) {
  request_.top_log_probs = 3;
  const Generation got = run(request_);
  ASSERT_EQ(got.top.size(), got.ids.size());
  for (size_t i = 0; i < got.ids.size(); ++i) {
    ASSERT_EQ(got.top[i].size(), 3u);
    EXPECT_EQ(got.top[i][0].id, got.ids[i]);  // greedy
    EXPECT_EQ(got.top[i][0].log_prob, got.log_probs[i]);
    EXPECT_GE(got.top[i][0].log_prob, got.top[i][1].log_prob);
    EXPECT_GE(got.top[i][1].log_prob, got.top[i][2].log_prob);
  }
}

TEST_F(Generate, StopsAtAStopIdWithoutIt) {
  request_.stop_ids = {199, wanted_[5]};
  const Generation got = run(request_);
  const auto at = std::find(wanted_.begin(), wanted_.end(), wanted_[5]);
  EXPECT_EQ(got.ids, std::vector<int32_t>(wanted_.begin(), at));
  EXPECT_EQ(got.finish, Finish::kStop);
}

TEST_F(Generate, ACallbackSeesEveryTokenAndMayStop) {
  std::vector<size_t> sizes;
  request_.on_token = [&](std::span<const int32_t> ids) {
    sizes.push_back(ids.size());
    return ids.size() == 4;
  };
  const Generation got = run(request_);
  EXPECT_EQ(got.ids, std::vector<int32_t>(wanted_.begin(), wanted_.begin() + 4));
  EXPECT_THAT(sizes, testing::ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(got.finish, Finish::kStop);
}

TEST_F(Generate, ForcedTokensAreScoredAsIfTheModelHadWrittenThem) {
  // forcing what greedy decoding writes anyway must change nothing, in one pass or in steps
  request_.constraint = [&](std::span<const int32_t> so_far) {
    NextTokens next;
    if (so_far.size() == 2) next.forced.assign(wanted_.begin() + 2, wanted_.begin() + 9);
    if (so_far.size() == 16) next.end = true;
    return next;
  };
  const Generation got = run(request_);
  EXPECT_EQ(got.ids, wanted_);
  EXPECT_EQ(got.finish, Finish::kStop);
  EXPECT_EQ(std::count(got.forced.begin(), got.forced.end(), true), 7);
  for (size_t i = 0; i < wanted_.size(); ++i)
    EXPECT_NEAR(got.log_probs[i], file_.tensor("log_probs").f32()[i], 1e-4) << i;
}

TEST_F(Generate, AStopMayStandForAToken) {
  request_.stop_ids = {wanted_[0]};  // what greedy decoding writes first
  request_.max_new_tokens = 2;
  request_.constraint = [&](std::span<const int32_t> so_far) {
    NextTokens next;
    if (so_far.empty()) next = {.forced = {}, .allowed = {wanted_[0], 30}, .instead_of_stop = 30};
    else next.end = true;
    return next;
  };
  const Generation got = run(request_);
  EXPECT_EQ(got.ids, (std::vector<int32_t>{30}));
  EXPECT_EQ(got.finish, Finish::kStop);
}

TEST_F(Generate, AGuideLimitsWhatTheModelWrites) {
  request_.constraint = [](std::span<const int32_t> so_far) {
    NextTokens next;
    if (so_far.size() % 2 == 0) next.forced = {5};
    else next.allowed = {30, 31, 32};
    return next;
  };
  const Generation got = run(request_);
  ASSERT_EQ(got.ids.size(), 16u);
  for (size_t i = 0; i < 16; ++i)
    if (i % 2 == 0) EXPECT_EQ(got.ids[i], 5);
    else EXPECT_THAT(got.ids[i], testing::AnyOf(30, 31, 32));
  EXPECT_EQ(got.finish, Finish::kLength);
}

TEST_F(Generate, WhatDoesNotFitTheContextIsRefusedWithTheSizes) {
  using testing::HasSubstr;
  request_.max_new_tokens = 6144;
  EXPECT_THAT(problem(request_), testing::AllOf(HasSubstr("45 tokens"), HasSubstr("6144"), HasSubstr("at most 6099")));
  request_.max_new_tokens = 0;
  EXPECT_THAT(problem(request_), HasSubstr("at least 1"));
  EXPECT_THAT(problem(text_only({}, 3)), HasSubstr("empty"));
  EXPECT_THAT(problem(text_only(std::vector<int32_t>(7000, 4), 3)), HasSubstr("7000"));
  EXPECT_THAT(problem(text_only({1, 197, 197}, 3)), HasSubstr("2 image tokens"));
  Generator small(any_cpu(), *loaded_.model, 1, 10);
  EXPECT_THROW(small.add(text_only({1, 2, 3}, 8)), Error);
  EXPECT_TRUE(small.has_free_slot());
}

// A slot's earlier sequence is gone on with where the prompt begins with it, and nothing comes out otherwise for it.
TEST_F(Generate, WhatASlotHoldsIsNotRunAgain) {
  const auto next_turn = [&](const Generation& before, uint64_t key) {
    GenerateRequest next = request_;
    next.image_key = key;
    next.prompt.insert(next.prompt.end(), before.ids.begin(), before.ids.end());
    next.prompt.insert(next.prompt.end(), {7, 9, 11});
    return next;
  };
  const Generation first = run(request_);
  const GenerateRequest second = next_turn(first, 5);
  const Generation alone = run(second);
  for (const auto& [before, now, held] :
      {std::tuple<uint64_t, uint64_t, bool>{5, 5, true}, {5, 6, false}, {0, 0, false}}) {
    Generator generator(any_cpu(), *loaded_.model, 1, 200);
    const auto whole = [&](GenerateRequest request, uint64_t key) {
      request.image_key = key;
      const int64_t handle = generator.add(std::move(request));
      while (generator.num_running() > 0) generator.step();
      return generator.take(handle);
    };
    EXPECT_EQ(whole(request_, before).ids, first.ids);
    const Generation got = whole(second, now);
    EXPECT_EQ(got.ids, alone.ids);
    EXPECT_EQ(got.log_probs, alone.log_probs);
    if (held) {
      EXPECT_EQ(got.reused_tokens,
          static_cast<int64_t>(request_.prompt.size() + first.ids.size()) - 1);  // the last token written was not run
    } else {
      EXPECT_LT(got.reused_tokens, 10);  // the text before the first picture
    }
  }
  // Another beginning shares nothing behind where it parts.
  Generator generator(any_cpu(), *loaded_.model, 1, 200);
  generator.take(generator.add(text_only({1, 50, 60, 70, 80}, 5)));
  const int64_t other = generator.add(text_only({1, 50, 61, 70, 80}, 5));
  EXPECT_EQ(generator.take(other).reused_tokens, 2);
}

// A model may write the token that stands for pictures in prompts; written, it is a word like any other.
TEST_F(Generate, AWrittenImageTokenIsText) {
  GenerateRequest request = request_;
  const int32_t image = loaded_.model->config().image_token;
  request.max_new_tokens = 6;
  request.constraint = [&](std::span<const int32_t> written) {
    NextTokens next;
    if (written.size() == 2) next.forced = {image};
    return next;
  };
  const Generation got = run(request);
  ASSERT_EQ(got.ids.size(), 6u);
  EXPECT_EQ(got.ids[2], image);
  EXPECT_EQ((std::vector<int32_t>(got.ids.begin(), got.ids.begin() + 2)),
      (std::vector<int32_t>(wanted_.begin(), wanted_.begin() + 2)));
}

// Phi-3 turns positions otherwise once a sequence passes 24 of them: what was cached before is made anew, and the
// tokens are those of running the whole sequence at every step.
TEST(GenerateLongRope, TokensAcrossTheChangeAreTheReferences) {
  VlmConfig config{.vision = {.vit = {.image_px = 28,
                                  .patch_px = 14,
                                  .width = 8,
                                  .depth = 1,
                                  .num_heads = 1,
                                  .mlp_width = 8,
                                  .feature_layer = 1}},
      .projector = {.in = 8, .out = 64, .num_layers = 1},
      .language = decoder_config_from_json(read_json_file(fixture("phi3") / "config.json"), "phi3"),
      .image_token = 199};
  Vlm model(config);
  ParamList params, language;
  model.params(params);
  for (Param* param : params) {
    if (param->name().starts_with("language.")) language.push_back(param);
    else param->set_data(Tensor::host(param->shape()));
  }
  load_checkpoint(
      fixture("phi3") / "model.safetensors", language, {{"model.", "language."}, {"lm_head.", "language.lm_head."}});
  const SafetensorsFile reference(fixture("phi3") / "generation.safetensors");
  const GenerateRequest request{.prompt = ids_of(reference.tensor("prompt")), .max_new_tokens = 64};
  const std::vector<int32_t> wanted = ids_of(reference.tensor("ids"));
  for (const Backend& backend : cpu_backends())
    EXPECT_EQ(generate(*backend.ops, model, {request})[0].ids, wanted) << backend.name;
  GenerateRequest forced = request;  // several tokens at once, across the change
  forced.constraint = [&](std::span<const int32_t> written) {
    NextTokens next;
    if (written.empty()) next.forced.assign(wanted.begin(), wanted.begin() + 9);
    return next;
  };
  EXPECT_EQ(generate(any_cpu(), model, {forced})[0].ids, wanted);
}

}  // namespace
}  // namespace hilum
