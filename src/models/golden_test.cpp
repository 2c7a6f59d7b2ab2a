// Forward passes against the reference implementation's values (testdata/models), on every kernel table.
// 1e-4 relative L2: float32 rounding (6e-8) over sums of up to 600 terms and 2 layers stays below 1e-5; a wrong formula
// is far above.
#include "models/golden_test.h"
#include "models/vision/qformer.h"

#include <nlohmann/json.hpp>

#include "models/dual_encoder_config.h"
#include "models/language/text_transformer.h"
#include "ops/trace/trace_ops.h"

namespace hilum {
namespace {

constexpr double kTolerance = 1e-4;

TEST(Golden, Maira2FollowsTheReferenceAtEveryTag) {
  const LoadedVlm loaded = load_vlm(fixture("maira2"));
  EXPECT_EQ(loaded.directory.preset.name, "maira-2");
  EXPECT_EQ(loaded.report.ignored, std::vector<std::string>{"vision_tower.embeddings.mask_token"});
  const SafetensorsFile dump(fixture("maira2") / "reference.safetensors");
  for (const Backend& backend : cpu_backends()) {
    const auto rows = compare_to_dump(*backend.ops, *loaded.model, dump);
    EXPECT_EQ(rows.size(), 3u + 10u) << "features, projected, logits and the tags";
    expect_close(rows, kTolerance, backend.name);
  }
}

TEST(Golden, SixteenBitWeightsAndBothKeyLayoutsFollowTheReference) {
  for (const std::string name : {"maira2-f16", "maira2-tf5-bf16"}) {
    const LoadedVlm loaded = load_vlm(fixture(name));
    const SafetensorsFile dump(fixture(name) / "reference.safetensors");
    for (const Backend& backend : cpu_backends()) {
      const auto rows = compare_to_dump(*backend.ops, *loaded.model, dump);
      EXPECT_EQ(rows.size(), 3u);
      expect_close(rows, kTolerance, name + " " + backend.name);
    }
  }
}

struct SystemFixture {
  const char* name;
  size_t rows;  // features, projected, logits and the tags
};
constexpr SystemFixture kSystems[] = {
    {"cxr-llava", 3 + 7},       // two blocks; two layers' attention and output, the norm
    {"xraygpt", 3 + 13},        // three blocks, the norm between, four layers of queries
    {"xraygpt-paper", 3 + 14},  // swin: embeddings, six blocks, the norm, the pooled vector
    {"cxrreportgen", 3 + 9},    // embeddings, two blocks, the norm
};

TEST(Golden, EverySystemFollowsItsReferenceAtEveryTag) {
  for (const SystemFixture& system : kSystems) {
    const LoadedVlm loaded = load_vlm(fixture(system.name));
    EXPECT_EQ(loaded.directory.preset.name, system.name);
    const SafetensorsFile dump(fixture(system.name) / "reference.safetensors");
    for (const Backend& backend : cpu_backends()) {
      const auto rows = compare_to_dump(*backend.ops, *loaded.model, dump);
      EXPECT_EQ(rows.size(), system.rows) << system.name;
      expect_close(rows, kTolerance, std::string(system.name) + " " + backend.name);
    }
  }
}

// An encoder on its own; the config beside it says its form.
void expect_encoder(const std::string& name, int feature_layer, const std::string& select,
    const std::vector<KeyRule>& keys, const std::vector<std::string>& ignore) {
  const Json config = read_json_file(fixture(name) / "config.json");
  Vit vit(vit_config_from_json(config, feature_layer, select, name), "encoder.");
  ParamList params;
  vit.params(params);
  load_checkpoint(fixture(name) / "model.safetensors", params, keys, ignore);
  const SafetensorsFile dump(fixture(name) / "reference.safetensors");
  for (const Backend& backend : cpu_backends()) {
    TraceOps trace(*backend.ops);
    const Tensor features = vit.forward(trace, trace.from_host(dump.tensor("pixel_values")));
    EXPECT_EQ(features.shape(), dump.tensor("image_features").shape()) << name;
    std::vector<CompareRow> rows = {
        compare_values("image_features", trace.to_host(features), dump.tensor("image_features"))};
    for (const auto& [tag, value] : trace.tags())
      rows.push_back(compare_values("tag." + tag, value, dump.tensor("tag." + tag)));
    expect_close(rows, kTolerance, name + " " + backend.name);
  }
}

TEST(Golden, Dinov2GivesAnEarlierBlockWithTheClassToken) {
  expect_encoder("dinov2", -1, "full", {{"", "encoder."}}, {"encoder.embeddings.mask_token"});
}

TEST(Golden, ClipGivesTheLayerBeforeTheLast) {
  expect_encoder("clip", -2, "default", {{"vision_model.", "encoder."}}, {});
}

// Each embedding preset has a fixture of its name.
TEST(Golden, EveryEmbeddingSystemFollowsItsReferenceAtEveryTag) {
  size_t systems = 0;
  for (const Preset& preset : presets()) {
    if (!preset.embedding) continue;
    ++systems;
    const LoadedDualEncoder loaded = load_dual_encoder(fixture(preset.name));
    EXPECT_EQ(loaded.preset.name, preset.name);
    const SafetensorsFile dump(fixture(preset.name) / "reference.safetensors");
    for (const Backend& backend : cpu_backends()) {
      const auto rows = compare_to_dump(*backend.ops, *loaded.model, dump);
      EXPECT_GE(rows.size(), 6u) << preset.name << ": the embeddings and tags on the way";
      expect_close(rows, kTolerance, preset.name + " " + backend.name);
    }
  }
  EXPECT_GE(systems, 5u);
}

TEST(Golden, MedImageInsightsReferenceHoldsEveryStep) {
  const LoadedDualEncoder loaded = load_dual_encoder(fixture("medimageinsight"));
  EXPECT_EQ(loaded.report.tensors, 173u);
  const auto rows =
      compare_to_dump(any_cpu(), *loaded.model, SafetensorsFile(fixture("medimageinsight") / "reference.safetensors"));
  EXPECT_EQ(rows.size(), 3u + 18u)
      << "two embeddings, logits, three stages, eight blocks, five of the text tower, two of the image's end";
}

// CLIP's own text model on the same class: causal, three projections, transformers' names.
TEST(Golden, ClipTextFollowsTheReference) {
  const Json config = read_json_file(fixture("clip-text") / "config.json");
  TextTransformerConfig sizes = text_transformer_config_from_json(config, "clip-text");
  sizes.form = TextForm::kTransformers;
  sizes.causal = true;
  TextTransformer tower(sizes, "text.");
  EmbeddingProjection projection("text_projection", {.projection = "linear"}, 32, 24);
  ParamList params;
  tower.params(params);
  projection.params(params);
  load_checkpoint(fixture("clip-text") / "model.safetensors", params,
      {{"text_model.", "text."}, {"text_projection.", "text_projection."}});
  const SafetensorsFile dump(fixture("clip-text") / "reference.safetensors");
  const TextBatch texts = texts_of(dump);
  for (const Backend& backend : cpu_backends()) {
    TraceOps trace(*backend.ops);
    const Tensor pooled = trace.tag(tower.forward(trace, texts), "text_pooled");
    std::vector<CompareRow> rows = {compare_values(
        "text_features", trace.to_host(projection.forward(trace, pooled)), dump.tensor("text_features"))};
    for (const auto& [tag, value] : trace.tags())
      rows.push_back(compare_values("tag." + tag, value, dump.tensor("tag." + tag)));
    EXPECT_EQ(rows.size(), 5u);
    expect_close(rows, kTolerance, backend.name);
  }
}

// A language model alone, its files' names beginning with "model." or "lm_head.".
struct Language {
  Decoder decoder;
  explicit Language(const std::string& name)
      : decoder(decoder_config_from_json(read_json_file(fixture(name) / "config.json"), name), "language.") {
    ParamList params;
    decoder.params(params);
    load_checkpoint(
        fixture(name) / "model.safetensors", params, {{"model.", "language."}, {"lm_head.", "language.lm_head."}});
  }
  // Logits of every row; tags go to `ops` where it traces.
  Tensor logits(Ops& ops, const std::vector<int32_t>& ids) const {
    const VlmBatch batch = VlmBatch::single(ids, Tensor());
    return decoder.logits(
        ops, decoder.forward(ops, decoder.embed(ops, batch.ids), batch.rows, nullptr), batch.logit_rows);
  }
};

void expect_language_follows(const Language& language, const std::filesystem::path& reference) {
  const SafetensorsFile dump(reference);
  for (const Backend& backend : cpu_backends()) {
    TraceOps trace(*backend.ops);
    language.logits(trace, ids_of(dump.tensor("input_ids")));
    std::vector<CompareRow> rows = {compare_values("logits", trace.tags().at("logits"), dump.tensor("logits"))};
    for (const auto& [tag, value] : trace.tags())
      if (tag != "logits") rows.push_back(compare_values("tag." + tag, value, dump.tensor("tag." + tag)));
    EXPECT_EQ(rows.size(), 7u);
    expect_close(rows, kTolerance, backend.name + ", " + reference.string());
  }
}

TEST(Golden, LlamaWithTiedEmbeddingsAndBiasFollowsTheReference) {
  const Language llama("llama");
  EXPECT_EQ(llama.decoder.config().rope_factor, 1.5f);
  expect_language_follows(llama, fixture("llama") / "reference.safetensors");
}

TEST(Golden, Phi3FollowsTheReferenceOnBothSidesOfItsPositions) {
  const Language phi3("phi3");
  EXPECT_EQ(phi3.decoder.config().window, 12);
  EXPECT_EQ(phi3.decoder.config().short_context, 24);
  expect_language_follows(phi3, fixture("phi3") / "reference.safetensors");
  expect_language_follows(phi3, fixture("phi3") / "reference_short.safetensors");
}

TEST(Golden, EvaAndTheQFormerFollowTheReference) {
  const Json config = read_json_file(fixture("eva-qformer") / "config.json");
  Vit vision(vit_tower_config(VitForm::kEva, config["vision"], "vision"), "encoder.");
  QFormer queries(qformer_config_from_json(config["qformer"], "qformer"), "qformer.");
  ParamList params;
  vision.params(params);
  queries.params(params);
  load_checkpoint(
      fixture("eva-qformer") / "model.safetensors", params, {{"visual_encoder.", "encoder."}, {"", "qformer."}});
  const SafetensorsFile dump(fixture("eva-qformer") / "reference.safetensors");
  for (const Backend& backend : cpu_backends()) {
    TraceOps trace(*backend.ops);
    const Tensor features = vision.forward(trace, trace.from_host(dump.tensor("pixel_values")));  // [2, 10, 40]
    const Tensor out = queries.forward(trace, features);                                          // [2, 5, 32]
    std::vector<CompareRow> rows = {
        compare_values("image_features", trace.to_host(features), dump.tensor("image_features")),
        compare_values("query_features", trace.to_host(out), dump.tensor("query_features"))};
    for (const auto& [tag, value] : trace.tags())
      if (tag != "embeddings") rows.push_back(compare_values("tag." + tag, value, dump.tensor("tag." + tag)));
    EXPECT_EQ(rows.size(), 10u);  // three blocks, the norm, four layers
    expect_close(rows, kTolerance, backend.name);
  }
}

}  // namespace
}  // namespace hilum
