// The published sizes of BiomedCLIP, MedCLIP, RAD-DINO and CXR-LLaVA, from presets and configs alone: no weights,
// shapes only.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "models/dual_encoder_config.h"
#include "models/info.h"
#include "models/language/decoder.h"
#include "models/vision/projector.h"
#include "models/vision/qformer.h"
#include "models/vision/vit.h"
#include "ops/check/check_ops.h"

namespace hilum {
namespace {

struct Sizes {
  size_t tensors = 0;
  int64_t params = 0;  // of floating-point tensors
  int64_t bytes = 0;   // as F32, whole numbers as I64
};

// What a file under these names holds, spare tensors included.
Sizes sizes_of(DualEncoder& model, const std::string& prefix) {
  Sizes sizes;
  const auto add = [&](const std::string& name, const Shape& shape, DType dtype) {
    if (!name.starts_with(prefix)) return;
    ++sizes.tensors;
    if (dtype != DType::kI64) sizes.params += shape.count();
    sizes.bytes += shape.count() * (dtype == DType::kI64 ? 8 : 4);
  };
  ParamList params;
  model.params(params);
  for (const Param* p : params) add(p->name(), p->shape(), DType::kF32);
  for (const UnusedTensor& tensor : model.unused_tensors()) add(tensor.name, tensor.shape, tensor.dtype);
  return sizes;
}

std::unique_ptr<DualEncoder> system_of(const std::string& name, const char* config) {
  const Json json = parse_json(config, "test");
  for (const Preset& preset : presets())
    if (preset.name == name) return make_dual_encoder(preset, json, "test");
  ADD_FAILURE() << "no preset " << name;
  return nullptr;
}

std::string detected(const char* config) {
  return preset_for("/nowhere", parse_json(config, "test"), PresetUse::kEmbedding).name;
}

Tensor picture(const ImageTower& tower, int64_t channels) {
  return Tensor(Shape{1, channels, tower.image_px(), tower.image_px()}, DType::kF32, nullptr);
}

const char kBiomedClip[] = R"({"model_cfg": {"embed_dim": 512,
  "vision_cfg": {"timm_model_name": "vit_base_patch16_224", "timm_model_pretrained": false, "timm_pool": "", "timm_proj": "linear", "image_size": 224},
  "text_cfg": {"hf_model_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract", "hf_proj_type": "mlp", "context_length": 256,
               "hf_tokenizer_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract", "hf_pooler_type": "cls_last_hidden_state_pooler"}}})";

// MedImageInsight and BiomedCLIP sheet, section 3.2.
TEST(PublishedBiomedClip, DeclaresEveryTensorOfTheFile) {
  EXPECT_EQ(detected(kBiomedClip), "biomedclip");
  const auto model = system_of("biomedclip", kBiomedClip);
  EXPECT_EQ(sizes_of(*model, "image").params, 86'191'872);  // with its projection
  EXPECT_EQ(sizes_of(*model, "text").params, 109'710'848);
  const Sizes all = sizes_of(*model, "");
  EXPECT_EQ(all.params, 195'902'721);
  EXPECT_EQ(all.tensors, 150u + 1u + 197u + 1u + 2u +
                             1u);  // the key table, line by line: trunk, head, BERT, position ids, projection, scale
  EXPECT_EQ(all.bytes, 195'902'721 * 4 + 512 * 8);  // "about 784 MB"
}

TEST(PublishedBiomedClip, RunsAPictureAndTheLongestTextThroughEveryShape) {
  const auto model = system_of("biomedclip", kBiomedClip);
  CheckOps ops;
  EXPECT_EQ(model->embed_image(ops, picture(model->image(), 3)).shape(), Shape({1, 512}));
  EXPECT_NEAR(static_cast<double>(ops.counts().flops), 35.1e9, 0.5e9);  // ViT-B/16 at 224: 17.6 G multiply-adds
  const std::vector<std::vector<int32_t>> texts = {std::vector<int32_t>(256, 1), {2}};
  EXPECT_EQ(model->embed_text(ops, TextBatch::of(texts)).shape(), Shape({2, 512}));
  EXPECT_EQ(ops.counts().params, 195'902'721 - 1);  // all but the scale, which is read on the host
}

// XrayGPT sheet, sections 1.1, 1.2 and 2.1.
TEST(PublishedMedClip, DeclaresEveryTensorOfTheFile) {
  const auto model = system_of("medclip", "null");
  EXPECT_EQ(sizes_of(*model, "image.").tensors, 231u);  // vision_model.model.*
  EXPECT_EQ(sizes_of(*model, "image.").params, 27'519'354);
  EXPECT_EQ(sizes_of(*model, "image_projection").params, 393'216);
  EXPECT_EQ(sizes_of(*model, "text.").params, 108'310'272);  // with the pooler
  const Sizes all = sizes_of(*model, "");
  EXPECT_EQ(all.tensors, 434u);
  EXPECT_EQ(all.params, 27'519'354 + 108'310'272 + 2 * 393'216 + 1);
  EXPECT_EQ(all.bytes, all.params * 4 + (12 * 49 * 49 + 512) * 8);
}

TEST(PublishedMedClip, RunsAGreyPictureAndTextsThroughEveryShape) {
  const auto model = system_of("medclip", "null");
  CheckOps ops;
  EXPECT_EQ(model->embed_image(ops, picture(model->image(), 1)).shape(), Shape({1, 512}));
  EXPECT_NEAR(static_cast<double>(ops.counts().flops), 9.0e9, 0.2e9);  // Swin-T at 224: 4.5 G multiply-adds
  const std::vector<std::vector<int32_t>> texts = {std::vector<int32_t>(77, 1), {28'995}};
  EXPECT_EQ(model->embed_text(ops, TextBatch::of(texts)).shape(), Shape({2, 512}));
  EXPECT_EQ(
      ops.counts().params, sizes_of(*model, "").params - 1 - (768 * 768 + 768));  // all but the scale and the pooler
}

const char kRadDino[] =
    R"({"apply_layernorm": true, "architectures": ["Dinov2Model"], "hidden_act": "gelu", "hidden_size": 768, "image_size": 518,
  "layer_norm_eps": 1e-06, "layerscale_value": 1.0, "mlp_ratio": 4, "model_type": "dinov2", "num_attention_heads": 12, "num_channels": 3,
  "num_hidden_layers": 12, "out_features": ["stage12"], "out_indices": [12], "patch_size": 14, "qkv_bias": true, "reshape_hidden_states": true,
  "use_swiglu_ffn": false})";

// Grounded-reporting sheet, sections 1.1 and 2: the encoder of the same class and size.
TEST(PublishedRadDino, DeclaresEveryTensorOfTheFile) {
  EXPECT_EQ(detected(kRadDino), "rad-dino");
  const auto model = system_of("rad-dino", kRadDino);
  const Sizes all = sizes_of(*model, "");
  EXPECT_EQ(all.tensors, 223u);
  EXPECT_EQ(all.params, 86'580'480);
  EXPECT_EQ(all.bytes, 346'321'920);  // the file is listed with 346 MB
  CheckOps ops;
  EXPECT_EQ(model->embed_image(ops, picture(model->image(), 3)).shape(), Shape({1, 768}));
  EXPECT_EQ(ops.counts().params, 86'580'480 - 768);  // all but the mask token
  EXPECT_FALSE(model->has_text());
}

const char kCxrLlava[] =
    R"({"model_type": "CXR-LLAVA", "architectures": ["CXRLLAVAModel"], "clip_embed_dim": 128, "clip_quick_gelu": false,
  "clip_vision_cfg": {"image_size": 512, "layers": 24, "patch_size": 16, "width": 1024}, "clip_vision_tower_dtype": "bf16", "mm_projector_dim": 1024})";

// CXR-LLaVA sheet, sections 1.1 and 1.6.
TEST(PublishedCxrLlava, DeclaresEveryTensorOfTheFile) {
  EXPECT_EQ(detected(kCxrLlava), "cxr-llava-encoder");
  const auto model = system_of("cxr-llava-encoder", kCxrLlava);
  const Sizes block = sizes_of(*model, "image.transformer.resblocks.7."), tower = sizes_of(*model, "");
  EXPECT_EQ(block.tensors, 12u);
  EXPECT_EQ(block.params, 12'596'224);
  EXPECT_EQ(tower.tensors, 296u);
  EXPECT_EQ(tower.params, 303'757'312);
  // beside it in the same files: one linear layer and LLaMA 2
  ParamList report;
  Projector projector({.in = 1024, .out = 4096, .num_layers = 1}, "report.projector.");
  Decoder language({.vocab = 32000, .rope_factor = 1.0f}, "report.language.");
  projector.params(report);
  language.params(report);
  int64_t params = tower.params;
  for (const Param* p : report) params += p->shape().count();
  EXPECT_EQ(tower.tensors + report.size(), 589u);
  EXPECT_EQ(params, 7'046'371'328);
  EXPECT_EQ(2 * params, 14'092'742'656);  // bytes as BF16
}

TEST(PublishedCxrLlava, RunsAGreyPictureThroughEveryShape) {
  const auto model = system_of("cxr-llava-encoder", kCxrLlava);
  CheckOps ops;
  EXPECT_EQ(model->embed_image(ops, picture(model->image(), 1)).shape(), Shape({1, 128}));
  EXPECT_EQ(ops.counts().params, 303'757'312);
}

// What `hilum info` says of a folder that holds a config and no weights.
PartInfo info_of(const char* file, const std::string& content) {
  const TempFolder folder;
  write_file(folder / file, content);
  const ModelInfo info = model_info(folder);
  EXPECT_FALSE(info.has_weights);
  return info.total;
}

uint64_t total_bytes(const PartInfo& part) {
  uint64_t bytes = 0;
  for (const auto& [type, size] : part.bytes) bytes += size;
  return bytes;
}

TEST(PublishedTowers, AConfigAloneGivesItsInfo) {
  const PartInfo biomedclip = info_of("open_clip_config.json", kBiomedClip);
  EXPECT_EQ(biomedclip.params, 195'902'721);
  EXPECT_EQ(total_bytes(biomedclip), 195'902'721u * 4 + 512 * 8);
  const PartInfo medclip = info_of("hilum.toml", "preset = \"medclip\"\n");
  EXPECT_EQ(medclip.tensors, 434u);
  EXPECT_EQ(medclip.params, 27'519'354 + 108'310'272 + 2 * 393'216 + 1);
  const PartInfo rad_dino = info_of("config.json", kRadDino);
  EXPECT_EQ(rad_dino.tensors, 223u);
  EXPECT_EQ(total_bytes(rad_dino), 346'321'920u);
  const PartInfo cxr_llava = info_of("config.json", kCxrLlava);  // the whole system, of which the encoder is a part
  EXPECT_EQ(cxr_llava.tensors, 589u);
  EXPECT_EQ(cxr_llava.params, 7'046'371'328);
}

int64_t count(const ParamList& params) {
  int64_t all = 0;
  for (const Param* p : params) all += p->shape().count();
  return all;
}

// XrayGPT sheet, sections 1.3 and 1.4 (the norm between the two is counted apart there); Phi-3-mini-4k-instruct's
// published config.
TEST(PublishedParts, HaveTheirPublishedNumberOfParameters) {
  ParamList eva, queries, phi3;
  Vit vision(vit_tower_config(VitForm::kEva, Json::object(), "eva"), "encoder.");
  vision.params(eva);
  EXPECT_EQ(count(eva), 985'894'528);
  QFormer former(qformer_config_from_json(Json::object(), "qformer"), "qformer.");
  former.params(queries);
  EXPECT_EQ(count(queries) - 2 * 1408, 105'162'240);
  Decoder language(
      decoder_config_from_json(parse_json(R"({"model_type":"phi3","sliding_window":2047,"max_position_embeddings":4096,
      "original_max_position_embeddings":4096,"rope_scaling":null})",
                                   "phi3"),
          "phi3"),
      "language.");
  language.params(phi3);
  EXPECT_EQ(count(phi3), 3'821'079'552);
  EXPECT_EQ(language.config().window, 2047);
}

// A contract of ours on published parts: BiomedCLIP's trunk, MAIRA-2's projector, Phi-3-mini with the grammar's 207
// tokens more.
TEST(CxrReportGen, IsMadeOfItsPartsPublishedSizes) {
  const TempFolder folder;
  write_file(folder / "config.json", R"({"model_type": "hilum-cxrreportgen"})");
  const ModelInfo info = model_info(folder);
  EXPECT_EQ(info.preset.name, "cxrreportgen");
  std::map<std::string, int64_t> params;
  for (const PartInfo& part : info.parts) params[part.name] = part.params;
  EXPECT_EQ(params["encoder"], 86'191'872 - 512 * 768);  // without BiomedCLIP's projection
  EXPECT_EQ(params["projector"], 769 * 3072 + 3 * 3073 * 3072);
  EXPECT_EQ(params["language"], 3'821'079'552 + 2 * 207 * 3072);
  EXPECT_EQ(info.image_tokens, 196);
}

}  // namespace
}  // namespace hilum
