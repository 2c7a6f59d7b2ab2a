// What the reference implementations write greedily, 64 tokens, against what we write: by whole systems, and by
// language models alone.
#include "generation/generate.h"
#include "models/golden_test.h"

#include <nlohmann/json.hpp>

#include "base/file.h"

namespace hilum {
namespace {

constexpr size_t kTokens = 64;

class Continuation : public testing::TestWithParam<const char*> {};

TEST_P(Continuation, IsTheReferencesTokenForToken) {
  const LoadedVlm loaded = load_vlm(fixture(GetParam()));
  const SafetensorsFile dump(fixture(GetParam()) / "reference.safetensors"),
      written(fixture(GetParam()) / "generation.safetensors");
  const std::vector<int32_t> wanted = ids_of(written.tensor("ids"));
  ASSERT_EQ(wanted.size(), kTokens);
  for (const Backend& backend : cpu_backends()) {
    const GenerateRequest request{.prompt = ids_of(written.tensor("prompt")),
        .pixel_values = dump.tensor("pixel_values"),
        .max_new_tokens = kTokens};
    EXPECT_EQ(generate(*backend.ops, *loaded.model, {request})[0].ids, wanted) << backend.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Systems, Continuation,
    testing::Values("maira2", "cxr-llava", "xraygpt", "xraygpt-paper", "cxrreportgen"), [](const auto& test) {
      std::string name = test.param;
      std::erase(name, '-');
      return name;
    });

class LanguageContinuation : public testing::TestWithParam<const char*> {};

// Behind an encoder that is never asked: the fixture holds the language model alone.
TEST_P(LanguageContinuation, IsTheReferencesTokenForToken) {
  const DecoderConfig config =
      decoder_config_from_json(read_json_file(fixture(GetParam()) / "config.json"), GetParam());
  Vlm model({.vision = {.vit = {.image_px = 28,
                            .patch_px = 14,
                            .width = 8,
                            .depth = 1,
                            .num_heads = 1,
                            .mlp_width = 8,
                            .feature_layer = 1}},
      .projector = {.in = 8, .out = config.width, .num_layers = 1},
      .language = config,
      .image_token = kImageApart});
  ParamList all, language;
  model.params(all);
  for (Param* param : all)
    if (param->name().starts_with("language.")) language.push_back(param);
  load_checkpoint(fixture(GetParam()) / "model.safetensors", language,
      {{"model.", "language."}, {"lm_head.", "language.lm_head."}});
  const SafetensorsFile written(fixture(GetParam()) / "generation.safetensors");
  const std::vector<int32_t> wanted = ids_of(written.tensor("ids"));
  ASSERT_EQ(wanted.size(), kTokens);
  for (const Backend& backend : cpu_backends()) {
    const GenerateRequest request{.prompt = ids_of(written.tensor("prompt")), .max_new_tokens = kTokens};
    EXPECT_EQ(generate(*backend.ops, model, {request})[0].ids, wanted) << backend.name;
  }
}

INSTANTIATE_TEST_SUITE_P(LanguageModels, LanguageContinuation, testing::Values("llama", "phi3"),
    [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace hilum
