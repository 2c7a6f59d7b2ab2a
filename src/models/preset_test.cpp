#include "models/files/preset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "models/vlm.h"

namespace hilum {
namespace {

using testing::HasSubstr;

class PresetFor : public testing::Test {
 protected:
  std::string problem(const std::string& config) {
    return error_of([&] { return preset_for(folder_, parse_json(config, "config.json")).name; });
  }
  TempFolder folder_;
};

TEST_F(PresetFor, ConfigTellsThePreset) {
  EXPECT_EQ(problem(R"({"model_type":"maira2"})"), "maira-2");
  EXPECT_EQ(problem(R"({"model_type":"hilum_demo"})"), "hilum-demo");
  EXPECT_EQ(problem(R"({"model_type":"CXR-LLAVA"})"), "cxr-llava");  // the whole system before its encoder
  EXPECT_EQ(preset_for(folder_, parse_json(R"({"model_type":"CXR-LLAVA"})", "c"), PresetUse::kEmbedding).name,
      "cxr-llava-encoder");
}

TEST_F(PresetFor, AnUnknownModelIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(problem(R"({"model_type":"gpt2"})"),
      testing::AllOf(HasSubstr("gpt2"), HasSubstr("maira-2"), HasSubstr("hilum-demo")));
  EXPECT_THAT(problem("{}"), HasSubstr("(none)"));
  EXPECT_THAT(problem("[]"), HasSubstr("(none)"));
}

TEST_F(PresetFor, TheFoldersOwnFileNamesAndOverrides) {
  write_file(folder_ / "hilum.toml",
      "preset = \"maira-2\"\ntitle = \"Mine\"\n[language]\ncontext = 99\n[prompt]\nimages.frontal = \"<image>\"\n");
  const Preset preset = preset_for(folder_, parse_json(R"({"model_type":"other"})", "config.json"));
  EXPECT_EQ(preset.title, "Mine");
  EXPECT_EQ(preset.context, 99);
  EXPECT_EQ(preset.language.kind, "llama");  // kept from the preset
  EXPECT_EQ(preset.prompt.images.at("frontal"), "<image>");
  EXPECT_EQ(preset.prompt.images.count("frontal_lateral"), 1u);
  write_file(folder_ / "hilum.toml", "preset = \"none-such\"\n");
  EXPECT_THAT(problem(R"({"model_type":"maira2"})"), HasSubstr("none-such"));
  write_file(folder_ / "hilum.toml", "titel = \"Mine\"\n");
  EXPECT_THAT(problem(R"({"model_type":"maira2"})"), HasSubstr("\"titel\" is not known"));
  write_file(folder_ / "hilum.toml", "title = \n");
  EXPECT_THAT(problem(R"({"model_type":"maira2"})"), HasSubstr("not valid TOML"));
}

TEST(Presets, EveryOneParsesAndNamesItsTasks) {
  ASSERT_GE(presets().size(), 2u);
  for (const Preset& preset : presets()) {
    EXPECT_FALSE(preset.licence.empty()) << preset.name;
    EXPECT_EQ(preset.tasks.empty(), preset.embedding.has_value()) << preset.name;
  }
  const Preset& maira =
      *std::find_if(presets().begin(), presets().end(), [](const Preset& p) { return p.name == "maira-2"; });
  ASSERT_NE(maira.task("grounded"), nullptr);
  EXPECT_EQ(maira.task("grounded")->max_new_tokens, 450);
  EXPECT_EQ(maira.task("sing"), nullptr);
  EXPECT_EQ(maira.grammar.bins, 100);
  EXPECT_EQ(maira.grammar.finding_open, "<obj>");
  EXPECT_EQ(maira.stop_token, "</s>");
}

TEST(Presets, TheFormOfAnAnswerAndWhetherItsBoxesAreConstrainedAreRead) {
  const Preset &maira = preset_named("maira-2"), &demo = preset_named("hilum-demo");
  EXPECT_EQ(maira.task("grounded")->form, AnswerForm::kGrounded);
  EXPECT_EQ(maira.task("findings")->form, AnswerForm::kPlain);
  const auto& tasks = preset_named("cxr-llava").tasks;
  EXPECT_EQ(
      std::count_if(tasks.begin(), tasks.end(), [](const PresetTask& t) { return t.form == AnswerForm::kLabels; }), 1);
  EXPECT_FALSE(maira.constrain_boxes);
  EXPECT_TRUE(demo.constrain_boxes);
}

TEST(Presets, SlipsInAFileAreNamed) {
  const std::string good =
      "name=\"n\"\ntitle=\"t\"\nlicence=\"l\"\n[encoder]\nkind=\"dinov2\"\nselect=\"default\"\n[projector]\nkind="
      "\"mlp\"\n"
      "[language]\nkind=\"llama\"\n";
  EXPECT_NO_THROW(parse_preset(good, "t"));
  const auto problem = [&](const std::string& more) { return error_of([&] { parse_preset(good + more, "t"); }); };
  EXPECT_THAT(problem("[tasks.x]\noutput=\"sung\"\ntext=\"t\"\nmax_new_tokens=3\n"), HasSubstr("sung"));
  EXPECT_THAT(problem("[tasks.x]\noutput=\"plain\"\ntext=\"t\"\n"), HasSubstr("max_new_tokens"));
  EXPECT_THAT(problem("[[keys]]\nfrom=\"a\"\n"), HasSubstr("\"to\" is missing"));
  EXPECT_THAT(problem("[grammar]\nbins=\"many\"\n"), HasSubstr("bins"));
  EXPECT_THAT(problem("[prompt]\nbefoer=\"x\"\n"), HasSubstr("befoer"));
  EXPECT_THROW(parse_preset("", "t"), Error);
}

const char kEmbedding[] =
    "name=\"n\"\nkind=\"embedding\"\ntitle=\"t\"\nlicence=\"l\"\n[embedding]\nwidth=4\n"
    "[image]\nkind=\"davit\"\npooling=\"mean\"\nprojection=\"matrix\"\n[image.config]\nembed_dim=[4]\neps=1e-12\nflags="
    "[true]\n"
    "[similarity]\nscale=\"exp\"\n";

TEST(Presets, AnEmbeddingSystemIsReadAsData) {
  const Preset p = parse_preset(kEmbedding, "t");
  ASSERT_TRUE(p.embedding);
  EXPECT_EQ(p.embedding->width, 4);
  EXPECT_TRUE(p.embedding->normalize);
  EXPECT_FALSE(p.embedding->text);
  EXPECT_EQ(
      parse_json(p.embedding->image.config, "t"), parse_json(R"({"embed_dim":[4],"eps":1e-12,"flags":[true]})", "t"));
  const Preset& mi2 = *std::find_if(
      presets().begin(), presets().end(), [](const Preset& one) { return one.name == "medimageinsight"; });
  EXPECT_EQ(mi2.embedding->tokenizer.length, 77);
  EXPECT_EQ(mi2.preprocess.modes.at("azure").front(), "standardize");
  EXPECT_EQ(mi2.preprocess.mean, (std::vector<double>{0.485, 0.456, 0.406}));
}

TEST(Presets, SlipsInAnEmbeddingSystemAreNamed) {
  const auto problem = [&](const std::string& was, const std::string& is) {
    std::string toml = kEmbedding;
    toml.replace(toml.find(was), was.size(), is);
    return error_of([&] { parse_preset(toml, "t"); });
  };
  EXPECT_EQ(problem("width=4", "width=5"), "no error");
  EXPECT_THAT(
      problem("\"embedding\"", "\"embeding\""), testing::AllOf(HasSubstr("embeding"), HasSubstr("vlm, embedding")));
  EXPECT_THAT(problem("width=4", "width=0"), HasSubstr("width"));
  EXPECT_THAT(problem("\"matrix\"", "\"curved\""),
      testing::AllOf(HasSubstr("[image]"), HasSubstr("curved"), HasSubstr("none, linear, matrix, mlp")));
  EXPECT_THAT(problem("\"matrix\"", "\"mlp\""), HasSubstr("hidden"));
  EXPECT_THAT(problem("pooling", "poling"), HasSubstr("\"pooling\" is missing"));
  EXPECT_THAT(problem("scale=\"exp\"", "scale=\"exp\"\nscale_max=-1.0"), HasSubstr("scale_max"));
  EXPECT_THAT(problem("scale=\"exp\"", "scale=\"log\""), HasSubstr("log"));
  EXPECT_THAT(problem("[similarity]", "[text]\nkind=\"bert\"\npooling=\"class\"\nprojection=\"none\"\n[similarity]"),
      HasSubstr("[tokenizer]"));
  EXPECT_THAT(problem("[similarity]", "[tokenizer]\nlength=5\n[similarity]"), HasSubstr("no [text]"));
  EXPECT_THAT(problem("[similarity]", "[preprocess]\nmean=[1]\n[similarity]"), HasSubstr("mean"));
  EXPECT_THAT(problem("[similarity]", "[preprocess]\nmean=[1]\nstd=[0]\n[similarity]"), HasSubstr("std"));
  EXPECT_THAT(problem("[similarity]", "[encoder]\nkind=\"clip\"\n[similarity]"), HasSubstr("\"encoder\" is not known"));
}

// Ours -> published -> ours for every parameter of the model, and the second published form to the same names.
TEST(Presets, KeyTablesGoBothWays) {
  Vlm model{VlmConfig{}};
  ParamList params;
  model.params(params);
  for (const Preset& preset : presets()) {
    if (preset.encoder.kind != "dinov2") continue;
    for (const Param* p : params) {
      const std::string published = published_name(preset.keys, p->name());
      ASSERT_EQ(our_name(preset.keys, published), p->name()) << preset.name << ": " << published;
    }
  }
  const std::vector<KeyRule>& keys =
      std::find_if(presets().begin(), presets().end(), [](const Preset& p) { return p.name == "maira-2"; })->keys;
  EXPECT_EQ(published_name(keys, "language.lm_head.weight"), "language_model.lm_head.weight");
  EXPECT_EQ(published_name(keys, "language.norm.weight"), "language_model.model.norm.weight");
  EXPECT_EQ(our_name(keys, "lm_head.weight"), "language.lm_head.weight");
  EXPECT_EQ(our_name(keys, "model.language_model.layers.3.mlp.up_proj.weight"), "language.layers.3.mlp.up_proj.weight");
  EXPECT_EQ(our_name(keys, "model.vision_tower.layernorm.bias"), "encoder.layernorm.bias");
  EXPECT_EQ(our_name(keys, "optimizer.step"), "");
}

}  // namespace
}  // namespace hilum
