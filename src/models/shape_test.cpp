// Shapes: the published parameter counts, from sizes alone, and what a shape file may not say.
#include "models/shape.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/json.h"
#include "models/dual_encoder_config.h"
#include "models/vlm_config.h"

namespace hilum {
namespace {

int64_t count(const std::string& shape, const std::string& part) {
  Vlm model(shape_config(shape_named(shape)));
  ParamList list;
  model.params(list);
  int64_t total = 0;
  for (const Param* p : list)
    if (p->name().starts_with(part)) total += p->shape().count();
  for (const UnusedTensor& spare : model.unused_tensors())
    if (spare.name.starts_with(part)) total += spare.shape.count();
  return total;
}

// Llama: Touvron et al. 2023 with 32,000 pieces; TinyLlama: config.json and size of TinyLlama-1.1B; Phi-3-mini:
// Phi3ForCausalLM's own count (docs/parity.md); MAIRA-2 and CXR-LLaVA: what their published files hold.
TEST(Shapes, HaveThePublishedNumbersOfParameters) {
  EXPECT_EQ(count("llama-7b", "language."), 6'738'415'616);
  EXPECT_EQ(count("llama-1.1b", "language."), 1'100'048'384);
  EXPECT_EQ(count("phi-3-mini", "language."), 3'821'079'552);
  EXPECT_EQ(count("maira-2", ""), 6'880'185'600);
  EXPECT_EQ(count("cxr-llava", ""), 7'046'371'328);
  EXPECT_EQ(count("llama-7b", ""), 7'046'371'328);  // as it is written: the whole of CXR-LLaVA
}

TEST(Shapes, EveryNameGivesOne) {
  const std::vector<std::string> names = shape_names();
  for (const char* contract :
      {"llama-7b", "llama-1.1b", "phi-3-mini", "dinov2-b14-518", "vit-l16-512", "davit-480", "maira-2"})
    EXPECT_NE(std::ranges::find(names, contract), names.end()) << contract;
  for (const std::string& name : names) {
    const ModelShape shape = shape_named(name);
    EXPECT_EQ(shape.name, name);
    EXPECT_EQ(shape.config.empty(), shape.preset.embedding.has_value()) << name;
  }
}

TEST(Shapes, TheirConfigTellsTheirPreset) {
  for (const char* name : {"llama-7b", "phi-3-mini", "maira-2", "cxr-llava"}) {
    const ModelShape shape = shape_named(name);
    EXPECT_EQ(preset_for("/nonexistent", parse_json(shape.config, name)).name, shape.preset.name) << name;
  }
  EXPECT_TRUE(shape_named("llama-7b").language_alone);
  EXPECT_FALSE(shape_named("cxr-llava").language_alone);
}

// Grounded-reporting facts: added_tokens.json of MAIRA-2.
TEST(Shapes, Maira2sTokensHaveTheirPublishedIds) {
  const ModelShape shape = shape_named("maira-2");
  const auto id = [&](const char* token) {
    return shape.pieces + (std::ranges::find(shape.added, token) - shape.added.begin());
  };
  EXPECT_EQ(id("<obj>"), 32000);
  EXPECT_EQ(id("</obj>"), 32001);
  EXPECT_EQ(id("<x0>"), 32002);
  EXPECT_EQ(id("<y99>"), 32201);
  EXPECT_EQ(id("<box>"), 32202);
  EXPECT_EQ(id("<image>"), 32204);
  EXPECT_EQ(shape.added.size(), 207u);
}

std::string problem(const std::string& toml) {
  return error_of([&] { parse_shape(toml, "x", "x.toml"); });
}

TEST(Shapes, SayWhatIsWrongWithThem) {
  EXPECT_EQ(problem("preset = \"cxr-llava\""), "no error");
  EXPECT_NE(problem("preset = \"cxr-lava\"").find("is not known"), std::string::npos);
  EXPECT_NE(problem("config = {}").find("\"preset\" is missing"), std::string::npos);
  EXPECT_NE(problem("preset = \"cxr-llava\"\nlayers = 3").find("key \"layers\" is not known"), std::string::npos);
  EXPECT_NE(problem("preset = \"cxr-llava\"\ntimed = \"image\"").find("Known are language, all"), std::string::npos);
  EXPECT_NE(problem("preset = \"maira-2\"").find("\"vision_config\" is missing"), std::string::npos);
  EXPECT_NE(
      problem("preset = \"rad-dino\"\n[config]\nwidth = 3").find("its preset gives its sizes"), std::string::npos);
  EXPECT_NE(problem("preset = \"cxr-llava\"\n[tokenizer]\npieces = 32001")
                .find("32001 pieces and 0 tokens do not fit a vocabulary of 32000"),
      std::string::npos);
  for (const char* added : {"[\"<a>\"]", "[[1]]", "[[]]", "[[\"<a>\", 3]]", "[[\"<a{}>\", 0]]", "[[\"<a{}>\", 3, 4]]",
           "[[\"\"]]", "[[\"<a{}>\", 99999999999]]"})
    EXPECT_NE(problem("preset = \"cxr-llava\"\n[tokenizer]\nadded = " + std::string(added)).find("\"added\""),
        std::string::npos)
        << added;
}

TEST(Shapes, AnUnknownNameGetsTheNearestAndAllOthers) {
  const Error e = expect_error([&] { shape_named("lama-7b"); });
  EXPECT_NE(std::string(e.what()).find("Did you mean llama-7b?"), std::string::npos) << e.what();
  EXPECT_NE(std::string(e.what()).find("phi-3-mini"), std::string::npos) << e.what();
}

}  // namespace
}  // namespace hilum
