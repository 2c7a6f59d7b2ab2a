#include "models/dual_encoder.h"

#include <gmock/gmock.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "models/dual_encoder_config.h"
#include "models/golden_test.h"
#include "ops/trace/trace_ops.h"

namespace hilum {
namespace {

using testing::HasSubstr;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    fs::copy_file(fixture("medimageinsight") / "model.safetensors", folder_ / "model.safetensors");
    toml_ = read_file(fixture("medimageinsight") / "hilum.toml");
  }
  std::string problem(const std::string& was, const std::string& is) {
    std::string toml = toml_;
    if (!was.empty()) toml.replace(toml.find(was), was.size(), is);
    write_file(folder_ / "hilum.toml", toml);
    return error_of([&] { load_dual_encoder(folder_); });
  }
  TempFolder folder_;
  std::string toml_;
};

TEST_F(Folder, SizesThatDoNotFitTheWeightsAreAllNamed) {
  EXPECT_EQ(problem("", ""), "no error");
  EXPECT_THAT(problem("num_hidden_layers = 2", "num_hidden_layers = 1"), HasSubstr("lang_encoder.resblocks.1."));
  EXPECT_THAT(problem("depths = [1, 2, 1]", "depths = [1, 2, 2]"), HasSubstr("image_encoder.blocks.2.1."));
  EXPECT_THAT(problem("width = 28", "width = 29"),
      testing::AllOf(HasSubstr("image_projection"), HasSubstr("lang_projection"), HasSubstr("[40, 29]")));
  EXPECT_THAT(problem("length = 16", "length = 17"), HasSubstr("16 positions"));
  EXPECT_THAT(problem("[tokenizer]", "[image]\npooling = \"class\"\n[tokenizer]"), HasSubstr("Known is mean"));
  EXPECT_THAT(problem("[tokenizer]", "[image]\nkind = \"resnet\"\n[tokenizer]"),
      testing::AllOf(HasSubstr("resnet"), HasSubstr("davit")));
  EXPECT_THAT(problem("[tokenizer]", "[image]\nprojection = \"none\"\n[tokenizer]"), HasSubstr("40 values"));
  EXPECT_THAT(problem("[tokenizer]", "[similarity]\nbias = true\n[tokenizer]"), HasSubstr("logit_bias"));
}

TEST_F(Folder, AReportModelIsRefusedAndTheOtherWayRound) {
  EXPECT_THROW(load_dual_encoder(fixture("maira2")), Error);
  write_file(folder_ / "hilum.toml", toml_);
  write_file(folder_ / "config.json", "{}");
  const Error e = expect_error([&] { load_vlm(folder_); });
  EXPECT_THAT(e.what(), HasSubstr("embeddings, not reports"));
}

class Loaded : public testing::Test {
 protected:
  LoadedDualEncoder loaded_ = load_dual_encoder(fixture("medimageinsight"));
  SafetensorsFile dump_{fixture("medimageinsight") / "reference.safetensors"};
  static std::vector<float> values(const Tensor& x) { return {x.values().begin(), x.values().end()}; }
};

TEST_F(Loaded, SimilarityIsTheExponentOfTheStoredScalar) {
  EXPECT_EQ(loaded_.model->stored_scale(), 2.5);
  EXPECT_DOUBLE_EQ(loaded_.model->similarity_scale(), std::exp(2.5));
  EXPECT_EQ(loaded_.model->similarity_bias(), 0);
}

// MedCLIP cuts the scalar before use.
TEST_F(Loaded, TheScalarIsCutWhereThePresetSaysSo) {
  EmbeddingPreset preset = *loaded_.preset.embedding;
  for (const auto& [most, want] : std::vector<std::pair<double, double>>{{1.5, 1.5}, {4.6, 2.5}}) {
    preset.similarity.scale_max = most;
    DualEncoder model(preset, parse_json(preset.image.config, "t"), parse_json(preset.text->config, "t"), "t");
    ParamList params;
    model.params(params);
    for (Param* p : params)
      if (p->name() == "logit_scale") p->set_data(Tensor::host(Shape{}, std::vector<float>{2.5f}));
    EXPECT_DOUBLE_EQ(model.similarity_scale(), std::exp(want));
  }
}

TEST_F(Loaded, EmbeddingsDoNotDependOnTheirNeighbours) {
  const Tensor pixels = dump_.tensor("pixel_values");
  const TextBatch texts = texts_of(dump_);
  for (const Backend& backend : cpu_backends()) {
    Ops& ops = *backend.ops;
    const Tensor both = ops.to_host(loaded_.model->embed_image(ops, pixels)),
                 all = ops.to_host(loaded_.model->embed_text(ops, texts));
    for (int64_t i = 0; i < 2; ++i)
      EXPECT_EQ(values(ops.to_host(loaded_.model->embed_image(ops, pixels.rows(i, 1)))), values(both.rows(i, 1)))
          << backend.name;
    const std::vector<int32_t> begins = texts.begins();
    for (size_t i = 0; i + 1 < begins.size(); ++i) {
      const std::vector<std::vector<int32_t>> alone = {
          {texts.ids.begin() + begins[i], texts.ids.begin() + begins[i + 1]}};
      EXPECT_EQ(values(ops.to_host(loaded_.model->embed_text(ops, TextBatch::of(alone)))),
          values(all.rows(static_cast<int64_t>(i), 1)))
          << backend.name;
    }
  }
}

TEST_F(Loaded, ASystemWithoutTextSaysSo) {
  EmbeddingPreset preset = *loaded_.preset.embedding;
  preset.text.reset();
  const DualEncoder model(preset, parse_json(preset.image.config, "t"), Json::object(), "t");
  EXPECT_FALSE(model.has_text());
  EXPECT_THROW(model.embed_text(any_cpu(), texts_of(dump_)), Error);
}

TEST_F(Loaded, AChangedWeightShowsAtTheFirstTagBehindIt) {
  ParamList params;
  loaded_.model->params(params);
  for (Param* p : params)
    if (p->name() == "image.blocks.1.1.channel_block.channel_attn.fn.qkv.weight") {
      Tensor changed = Tensor::host(p->shape());
      std::copy(p->data().f32(), p->data().f32() + p->shape().count(), changed.f32());
      changed.f32()[5] += 0.5f;
      p->set_data(changed);
    }
  for (const CompareRow& row : compare_to_dump(any_cpu(), *loaded_.model, dump_)) {
    const bool before = row.name.find("text") != std::string::npos || row.name == "tag.stage_embed.0" ||
                        row.name == "tag.stage_embed.1" ||
                        (row.name.starts_with("tag.block.") && row.name < "tag.block.5");
    EXPECT_EQ(row.rel_l2 > 1e-4, !before) << row.name << " " << row.rel_l2;
  }
}

}  // namespace
}  // namespace hilum
